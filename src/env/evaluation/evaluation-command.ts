import { WORKSPACE } from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';

/**
 * Runs a script as `python script` does, but with its directory last on the module path: a submitted `json.py` beside
 * the script then shadows nothing. What a submission brings is still found, if nothing else has its name.
 */
const RUNNER = [
  'import sys',
  "sys.path[:] = [entry for entry in sys.path if entry not in ('', '.')]",
  'del sys.argv[0]',
  'import os.path',
  '__file__ = os.path.abspath(sys.argv[0])',
  // A traceback begins with the script, as if nothing had called it.
  'def hook(kind, value, trace):',
  ' return sys.__excepthook__(kind, value.with_traceback(trace and trace.tb_next), trace and trace.tb_next)',
  'sys.excepthook = hook',
  'del hook',
  'sys.path.append(os.path.dirname(__file__))',
  "exec(compile(open(__file__, 'rb').read(), __file__, 'exec'))",
].join('\n');

/** `-s`: no modules from a home directory. `-B`: nothing is written beside the files. */
const PYTHON = ['python3', '-s', '-B', '-c', RUNNER];

/** Strings hash alike in every run, so that the order of sets does not move a score. */
const FIXED_ENVIRONMENT = { PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1', PYTHONNOUSERSITE: '1' };

/** What a launcher of one process would set; language-modelling scripts read it. */
const SINGLE_PROCESS = {
  RANK: '0',
  LOCAL_RANK: '0',
  WORLD_SIZE: '1',
  LOCAL_WORLD_SIZE: '1',
  MASTER_ADDR: '127.0.0.1',
  MASTER_PORT: '29500',
};

/** A program of the task, ready to run. */
export interface TaskCommand {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
}

function script(task: Task, path: string, args: readonly string[]): TaskCommand {
  const target = [`${WORKSPACE}/${path}`, ...args];
  if (task.entrypoint !== 'LMSubmissionTasks') return { argv: [...PYTHON, ...target], env: FIXED_ENVIRONMENT };
  const { gpus } = task.sidecar.resources;
  // torchrun has nothing to launch on a machine without GPUs, and CPU images do not carry it.
  if (gpus === 0) return { argv: [...PYTHON, ...target], env: { ...FIXED_ENVIRONMENT, ...SINGLE_PROCESS } };
  const launcher = ['torchrun', `--nproc_per_node=${gpus}`, '--standalone', '--no-python'];
  return { argv: [...launcher, ...PYTHON, ...target], env: FIXED_ENVIRONMENT };
}

/**
 * The command that evaluates a submission, by entrypoint.
 * @param configPath first `*.yaml` of the workspace, which tasks with models are called with; empty when there is none
 */
export function evaluationCommand(task: Task, configPath: string): TaskCommand {
  switch (task.entrypoint) {
    case 'CSVSubmissionTasks':
      return script(task, task.evaluationPath, ['--submission_file', `${WORKSPACE}/submission.csv`]);
    case 'ModelSubmissionTasks':
      return script(task, task.evaluationPath, ['--config_fname', configPath]);
    case 'LMSubmissionTasks':
    case 'PythonSubmissionTasks':
      return script(task, task.evaluationPath, []);
  }
}

/** The command that runs the baseline of a task. */
export function baselineCommand(task: Task, baselinePath: string): TaskCommand {
  return script(task, baselinePath, []);
}

/** What MLGym names as the submission of a task, whether or not it is there. */
export function submissionName(task: Task, configPath: string): string {
  switch (task.entrypoint) {
    case 'CSVSubmissionTasks':
      return `${WORKSPACE}/submission.csv`;
    case 'ModelSubmissionTasks':
      return configPath;
    case 'LMSubmissionTasks':
      return '';
    case 'PythonSubmissionTasks':
      return `${WORKSPACE}/target.py`;
  }
}
