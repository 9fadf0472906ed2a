import { posix } from 'node:path';
import { RpcError } from '../../protocol/index.js';
import { type FoundFile, type Sandbox, SandboxError, WORKSPACE } from '../../sandbox/sandbox.js';
import type { EpisodeSettings } from '../episode/episode-options.js';
import { EVALUATION_ATTEMPTS, EVALUATION_SLACK_MS, EVALUATOR_OUTPUT_BYTES } from '../limits.js';
import { layOutSupplies, type SupplySource } from '../supplies/task-supplies.js';
import type { Task } from '../task.js';
import { ofAgent, ofEvaluation } from '../workspace/sandbox-faults.js';
import type { SandboxLeases } from '../workspace/sandbox-leases.js';
import { sandboxRequest } from '../workspace/sandbox-request.js';
import { isMounted, workspaceData } from '../workspace/workspace-data.js';
import { dataFiles, hiddenFiles, pristineFiles } from '../workspace/workspace-files.js';
import { type FoundSubmission, findSubmission, isAgentsDoing, transferSubmission } from './collect-submission.js';
import { type Evaluation, judge, notFound, refused } from './evaluation.js';
import { evaluationCommand, submissionName, type TaskCommand } from './evaluation-command.js';
import { evaluationDirectory } from './evaluation-directory.js';
import { submissionRule } from './submission.js';

/** Home directory of whoever runs the evaluator, in its own sandbox. */
const HOME = posix.dirname(WORKSPACE);

/** One evaluation. */
export interface EvaluationJob {
  task: Task;
  /** Sandbox of the agent. */
  agent: Sandbox;
  leases: SandboxLeases;
  supplies: SupplySource;
  compat: EpisodeSettings['compat'];
  /** Whether the episode ends here: the agent's processes are then killed, else they are only stopped for a moment. */
  ending: boolean;
  /** Working directory of the agent's shell. */
  cwd: string;
  /** Baseline scores in Python's words. */
  baseline: string | null;
  /** Id of the evaluator's run, unique in its sandbox. */
  commandId: string;
}

/**
 * Scores what the agent has.
 * @throws RpcError `evaluation_unavailable` when no sandbox for it worked, `sandbox_unavailable` when the agent's is
 *   lost, `task_broken`, `cancelled`
 */
export async function evaluate(job: EvaluationJob): Promise<Evaluation> {
  if (job.ending) await ofAgent(() => job.agent.killAgent());
  if (job.task.sidecar.evaluation.mode === 'in_place') return evaluateInPlace(job);
  for (let attempt = 1; ; attempt++) {
    try {
      return await evaluateSealed(job);
    } catch (error) {
      const isOurs = error instanceof RpcError && error.code === 'evaluation_unavailable';
      if (!isOurs || attempt >= EVALUATION_ATTEMPTS) throw error;
    }
  }
}

/** Why what was found cannot be evaluated; null when it can. */
function refusal({ task, compat }: EvaluationJob, found: FoundSubmission): Evaluation | null {
  const over = found.refused.find(({ path }) => path === '.');
  if (over) return refused({ class: 'ValueError', message: `The submission is ${over.reason.replaceAll('_', ' ')}.` });
  if (task.entrypoint !== 'CSVSubmissionTasks') return null;
  const csv = found.files.find(({ path }) => path === 'submission.csv');
  // MLGym looks for the name in a listing that marks programs with a star.
  const isListed = csv && !(compat === 'mlgym' && (csv.mode & 0o111) !== 0);
  // MLGym says nothing of what it found in the place of a file.
  return isListed ? null : notFound(compat === 'mlgym' ? [] : found.refused);
}

/** First `*.yaml` of the workspace by name; MLGym takes whichever the directory lists first. */
function configPath(paths: readonly string[]): string {
  const [first] = paths.filter((path) => path.endsWith('.yaml')).sort();
  return first === undefined ? '' : `${WORKSPACE}/${first}`;
}

async function whileStill<T>({ agent, ending }: EvaluationJob, work: () => Promise<T>): Promise<T> {
  if (ending) return work();
  await ofAgent(() => agent.freeze());
  try {
    return await work();
  } finally {
    await ofAgent(() => agent.thaw());
  }
}

/** Limit of the evaluator of a task. */
export function evaluationTimeoutMs({ sidecar, trainingTimeoutS }: Task): number {
  return sidecar.evaluation.timeout_ms ?? trainingTimeoutS * 1000;
}

/** In a fresh sandbox that holds pristine files and, of the agent's, only what is submitted. */
async function evaluateSealed(job: EvaluationJob): Promise<Evaluation> {
  const { task, agent, leases } = job;
  const early = refusal(job, await findSubmission(agent, task));
  if (early) return early;
  const [data, supplies] = await Promise.all([workspaceData(task), job.supplies.of(task)]);
  const request = sandboxRequest(task, 'evaluation', {
    mounts: data.evaluatorMounts,
    supplies,
    lifetimeMs: evaluationTimeoutMs(task) + EVALUATION_SLACK_MS,
    gpus: agent.spec.resources.gpus,
  });
  const evaluator = await ofEvaluation(() => leases.acquire(request));
  try {
    const found = await whileStill(job, async () => {
      const submission = await findSubmission(agent, task);
      const late = refusal(job, submission);
      if (!late) await transferSubmission(agent, evaluator, submission.files);
      return late ?? submission.files;
    });
    if ('verdict' in found) return found;
    const { accepts } = submissionRule(task);
    const hidden = new Set(task.hiddenFiles.map((file) => file.path));
    // A starter file that belongs to the submission is the agent's, or is missing because the agent deleted it.
    const starters = task.starterFiles.filter(({ path }) => !hidden.has(path) && !accepts(path));
    await ofEvaluation(async () => {
      const files = await Promise.all([
        pristineFiles(task, starters),
        dataFiles(task, data.files),
        hiddenFiles(
          task,
          task.hiddenFiles.filter(({ path }) => !isMounted(path, data.evaluatorMounts)),
        ),
      ]);
      // Scripts may write beside themselves, and libraries into the home directory.
      for (const place of [HOME, WORKSPACE])
        await evaluator.makeDirectory(place, 0o755, task.sidecar.evaluation.run_as);
      await evaluator.putFiles(files.flat());
      await layOutSupplies(evaluator, supplies, task.sidecar.evaluation.run_as);
    });
    const config = configPath([...found, ...starters].map(({ path }: Pick<FoundFile, 'path'>) => path));
    const { argv, env } = evaluationCommand(task, config);
    const command = { argv, env: { ...env, HOME } };
    return judgeRun(job, await ofEvaluation(() => runInCwd(job, evaluator, command, found)), config);
  } finally {
    void leases.release(evaluator);
  }
}

/**
 * Beside the agent's work, for tasks that need the live workspace: the evaluator's script and the hidden files are put
 * in place while the agent's processes stand still. Whatever else the evaluator reads is as the agent left it.
 */
async function evaluateInPlace(job: EvaluationJob): Promise<Evaluation> {
  const { task, agent } = job;
  const early = refusal(job, await findSubmission(agent, task));
  if (early) return early;
  const script = task.starterFiles.filter(({ path }) => path === task.evaluationPath);
  const [hidden, pristine] = await ofEvaluation(() => Promise.all([hiddenFiles(task), pristineFiles(task, script)]));
  const files = [...pristine, ...hidden];
  return whileStill(job, () =>
    ofAgent(async () => {
      try {
        // Whatever the agent put there, a link or a directory, must not be written through.
        for (const { path } of files) await removeIfThere(agent, path);
        await agent.putFiles(files);
        const yamls = await agent.findFiles(WORKSPACE, ['**/*.yaml'], { maxFiles: 1000, maxBytes: 2 ** 40 });
        const config = configPath(yamls.files.map(({ path }) => path));
        // Not where the agent stands: everything there is its own.
        return judgeRun(job, await runEvaluator(job, agent, evaluationCommand(task, config), WORKSPACE), config);
      } catch (error) {
        // Its disk may be full, its processes may be too many: here they share what the evaluator needs.
        const isFull = error instanceof SandboxError && error.code === 'io_error';
        if (!isFull && !isAgentsDoing(error)) throw error;
        return refused({ class: 'OSError', message: `The workspace cannot be evaluated: ${error.message}` });
      } finally {
        for (const { path } of hidden) await removeIfThere(agent, path);
      }
    }),
  );
}

async function removeIfThere(sandbox: Sandbox, path: string): Promise<void> {
  await sandbox.remove(path).catch((error: unknown) => {
    if (!(error instanceof SandboxError) || error.code !== 'no_such_file') throw error;
  });
}

type Run = Awaited<ReturnType<Sandbox['exec']>>;

/** MLGym's evaluations begin where the agent stands; what they look for by a relative path is not there elsewhere. */
async function runInCwd(
  job: EvaluationJob,
  evaluator: Sandbox,
  command: TaskCommand,
  found: readonly FoundFile[],
): Promise<Run> {
  if (job.compat !== 'mlgym') return runEvaluator(job, evaluator, command, WORKSPACE);
  const { run_as } = job.task.sidecar.evaluation;
  const submitted = found.map(({ path }) => path);
  const cwd = evaluationDirectory(job.task, job.cwd, submitted);
  try {
    return await runEvaluator(job, evaluator, command, cwd);
  } catch (error) {
    if (!(error instanceof SandboxError) || error.code !== 'no_such_file') throw error;
  }
  // A directory of the agent that holds nothing of its submission.
  const made = await evaluator.makeDirectory(cwd, 0o755, run_as).then(
    () => true,
    () => false,
  );
  return runEvaluator(job, evaluator, command, made ? cwd : '/');
}

async function runEvaluator(job: EvaluationJob, place: Sandbox, { argv, env }: TaskCommand, cwd: string): Promise<Run> {
  const user = job.task.sidecar.evaluation.run_as;
  const keepBytes = { head: EVALUATOR_OUTPUT_BYTES / 2, tail: EVALUATOR_OUTPUT_BYTES / 2 };
  return place.exec({
    commandId: job.commandId,
    argv,
    cwd,
    user,
    env,
    timeoutMs: evaluationTimeoutMs(job.task),
    keepBytes,
  });
}

function judgeRun({ task, compat, baseline }: EvaluationJob, run: Run, config: string): Evaluation {
  return judge(task, run, { submission: submissionName(task, config), baseline, compat });
}
