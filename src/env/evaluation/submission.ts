import type { Entrypoint, Task } from '../task.js';
import { glob } from './glob.js';

/** What a submission consists of. */
export interface SubmissionRule {
  /** Patterns below the workspace, as `Sandbox.findFiles` takes them. */
  include: readonly string[];
  /** Patterns of files that are never submitted. */
  exclude: readonly string[];
  maxBytes: number;
  /** Whether a found file is part of the submission; apply it to every match of `include`. */
  accepts(path: string): boolean;
}

const CLUTTER = ['**/__pycache__/**', '**/*.pyc', '.git/**', '**/.ipynb_checkpoints/**', '**/nohup.out', '**/*.log'];
const MODEL_BYTES = 4 * 2 ** 30;

const DEFAULTS: Record<Entrypoint, { paths: readonly string[]; maxBytes: number }> = {
  CSVSubmissionTasks: { paths: ['submission.csv'], maxBytes: 256 * 2 ** 20 },
  PythonSubmissionTasks: { paths: ['**/*.py'], maxBytes: 64 * 2 ** 20 },
  ModelSubmissionTasks: { paths: ['**'], maxBytes: MODEL_BYTES },
  LMSubmissionTasks: { paths: ['**'], maxBytes: MODEL_BYTES },
};

type Submitting = Pick<Task, 'entrypoint' | 'evaluationPath' | 'hiddenFiles' | 'sidecar'>;

/**
 * What is copied to the evaluator: the declared paths (one that begins with `!` excludes), else what the entrypoint implies. The
 * evaluation script, hidden files, the data directory and clutter are never part of it.
 */
export function submissionRule(task: Submitting): SubmissionRule {
  const { paths, maxBytes } = task.sidecar.submission
    ? { paths: task.sidecar.submission.paths, maxBytes: task.sidecar.submission.max_bytes }
    : DEFAULTS[task.entrypoint];
  const include = paths.filter((path) => !path.startsWith('!'));
  const exclude = [
    ...paths.filter((path) => path.startsWith('!')).map((path) => path.slice(1)),
    task.evaluationPath,
    ...task.hiddenFiles.map((file) => file.path),
    'data/**',
    ...CLUTTER,
  ];
  const included = include.map(glob);
  const excluded = exclude.map(glob);
  return {
    include,
    exclude,
    maxBytes,
    accepts: (path) => included.some((test) => test(path)) && !excluded.some((test) => test(path)),
  };
}
