import { type FindFilesResult, type FoundFile, type Sandbox, SandboxError, WORKSPACE } from '../../sandbox/sandbox.js';
import { SUBMISSION_FILES } from '../limits.js';
import type { Task } from '../task.js';
import { ofAgent, ofEvaluation } from '../workspace/sandbox-faults.js';
import { collides, protectedPaths } from './evaluation-directory.js';
import { submissionRule } from './submission.js';

/** What an agent submits, as it lies in its workspace. */
export interface FoundSubmission {
  files: readonly FoundFile[];
  /** What fitted a pattern and is not taken, with the reason. */
  refused: FindFilesResult['refused'];
}

/** Read and written at once; what is held in memory beyond a single large file. */
const BATCH_BYTES = 8 * 2 ** 20;
const BATCH_FILES = 64;

/** What stands where a file should be is gone, or is a link or a device: the agent's doing, not a fault. */
const AGENTS_DOING: ReadonlySet<string> = new Set(['no_such_file', 'not_a_file', 'forbidden_path', 'too_large']);

/** @returns whether the agent, by what it did to its files, made an operation on them fail */
export function isAgentsDoing(error: unknown): error is SandboxError {
  return error instanceof SandboxError && AGENTS_DOING.has(error.code);
}

function isPlain(path: string): boolean {
  return !path.split('/').some((part) => part === '' || part === '.' || part === '..');
}

/** Finds what the agent submits; links, devices, and what exceeds the caps are refused. */
export async function findSubmission(agent: Sandbox, task: Task): Promise<FoundSubmission> {
  const { include, exclude, maxBytes, accepts } = submissionRule(task);
  const caps = { maxFiles: SUBMISSION_FILES, maxBytes, exclude };
  const found = await ofAgent(() =>
    agent.findFiles(WORKSPACE, include, caps).catch((error: unknown) => {
      if (!isAgentsDoing(error)) throw error;
      return { files: [], refused: [{ path: WORKSPACE, reason: error.code }], truncated: false };
    }),
  );
  const guarded = protectedPaths(task);
  const files = found.files
    .filter(({ path }) => isPlain(path) && accepts(path) && !guarded.some((other) => collides(path, other)))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const refused = [...found.refused];
  if (found.truncated) return { files: [], refused: [...refused, { path: '.', reason: 'too_many' }] };
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (bytes > maxBytes) return { files: [], refused: [...refused, { path: '.', reason: 'too_large' }] };
  return { files, refused };
}

/** Copies files from the agent's workspace to the evaluator's, where they are root's and may be read by all. */
export async function transferSubmission(
  agent: Sandbox,
  evaluator: Sandbox,
  files: readonly FoundFile[],
): Promise<void> {
  for (let next = 0; next < files.length; ) {
    const batch: FoundFile[] = [];
    for (let bytes = 0; next < files.length && batch.length < BATCH_FILES; next++) {
      const file = files[next] as FoundFile;
      if (batch.length > 0 && bytes + file.sizeBytes > BATCH_BYTES) break;
      bytes += file.sizeBytes;
      batch.push(file);
    }
    const contents = await Promise.all(batch.map((file) => readSubmitted(agent, file)));
    const parts = batch.flatMap(({ path, mode }, index) => {
      const body = contents[index];
      const put = { path: `${WORKSPACE}/${path}`, mode: 0o444 | (mode & 0o111), user: 'root' as const };
      return body ? [{ ...put, contents: body }] : [];
    });
    await ofEvaluation(() => evaluator.putFiles(parts));
  }
}

function readSubmitted(agent: Sandbox, file: FoundFile): Promise<Uint8Array | null> {
  return ofAgent(() =>
    agent.getFile(`${WORKSPACE}/${file.path}`, file.sizeBytes).catch((error: unknown) => {
      if (isAgentsDoing(error)) return null;
      throw error;
    }),
  );
}
