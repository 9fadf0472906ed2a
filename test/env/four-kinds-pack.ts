import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Entrypoint } from '../../src/env/task.js';

/** Does what the submission says: prints metrics, something else, nothing usable, or never ends. */
const EVALUATE = `import json, sys, time
text = open('/home/agent/workspace/' + NAME).read()
if text == 'noise':
    print('50%|##|[x]')
    print('broken', file=sys.stderr)
    sys.exit(1)
if text == 'hang':
    print('waiting', flush=True)
    time.sleep(1000)
print(json.dumps({'right': float('nan') if text == 'nan' else int(text == 'yes'), 'n': 3, 'x': 0.25, 'ok': True}))
`;

/** File that each kind of task is judged by. */
export const SUBMITTED: Record<Entrypoint, string> = {
  CSVSubmissionTasks: 'submission.csv',
  PythonSubmissionTasks: 'target.py',
  ModelSubmissionTasks: 'config.yaml',
  LMSubmissionTasks: 'model.txt',
};

/** Limits of evaluations in milliseconds: of those that end, and of those that a test waits for in vain. */
const AMPLE_MS = 60_000;
const BRIEF_MS = 3000;

/** A pack in MLGym's format: of each kind one small task, one whose evaluations are cut short, and one task without a baseline. */
export async function writeFourKindsPack(root: string): Promise<void> {
  const write = async (name: string, contents: string) => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), contents);
  };
  const kinds = Object.entries(SUBMITTED) as [Entrypoint, string][];
  for (const [id, entrypoint, name] of [
    ...kinds.map(([kind, file]) => [kind, kind, file] as const),
    ...kinds.map(([kind, file]) => [`${kind}-brief`, kind, file] as const),
    ['no-baseline', 'CSVSubmissionTasks', 'submission.csv'] as const,
  ]) {
    await write(`data/${id}/evaluate.py`, EVALUATE.replace('NAME', `'${name}'`));
    const task = {
      id,
      name: id,
      description: 'Say yes.',
      task_entrypoint: entrypoint,
      training_timeout: 60,
      starter_code: [`data/${id}/evaluate.py`],
      ...(id !== 'no-baseline' && { baseline_scores: [{ right: 0, n: 24_000, x: 1.5 }] }),
      evaluation_paths: ['evaluate.py'],
      evaluation_read_only: true,
    };
    await write(`configs/tasks/${id}.yaml`, JSON.stringify(task));
    const sidecar = {
      version: 1,
      env_id: `four/${id}-v1`,
      metric: { name: 'right', direction: 'maximize', bounds: [0, 1] },
      evaluation: { timeout_ms: id.endsWith('-brief') ? BRIEF_MS : AMPLE_MS },
      submission: { paths: [name] },
      resources: { cpus: 1, memory_bytes: 2 ** 29, disk_bytes: 2 ** 27, pids: 128 },
    };
    await write(`gymsmith/${id}.json`, JSON.stringify(sidecar));
  }
}
