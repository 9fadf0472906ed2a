import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { COPIED_DATA_BYTES } from '../../src/env/limits.js';

const EVALUATE = `import json, sys, time
text = open(sys.argv[-1]).read()
if text == 'hang': print('waiting', flush=True); time.sleep(1000)
if text == 'noise': print('50%|##|[x]'); print('broken', file=sys.stderr); sys.exit(1)
answer = open('/home/agent/workspace/data/answer.txt').read()
if text != 'quietly ' + answer: print('warning: odd', file=sys.stderr)
print(json.dumps({'right': int(text.endswith(answer)), 'n': 3, 'x': 0.25}))
`;

/** A task whose baseline is not measured yet, on a small dataset or on a large one. */
export async function writeGuessPack(root: string): Promise<void> {
  const write = async (name: string, contents: string | Uint8Array) => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), contents);
  };
  for (const size of ['small', 'large']) {
    const data = size === 'small' ? 'a\n' : randomBytes(COPIED_DATA_BYTES + 1);
    await write(`data/${size}/data/rows.bin`, data);
    await write(`data/${size}/data/more/rows.txt`, 'b\n');
    await write(`data/${size}/data/answer.txt`, 'yes');
    await write(`data/${size}/evaluate.py`, EVALUATE);
    await write(`data/${size}/src/model.py`, 'def f():\n    return 1\n');
    await write(`data/${size}/baseline.py`, "open('submission.csv', 'w').write('no')\n");
    const dataset = { name: 'rows', description: 'Rows.', data_path: `data/${size}/data`, is_local: true };
    await write(`configs/datasets/${size}.yaml`, JSON.stringify(dataset));
    const starter_code = ['evaluate.py', 'baseline.py', 'src'].map((name) => `data/${size}/${name}`);
    const task = {
      id: size,
      name: size,
      description: 'Guess. {dataset_docs}',
      dataset_configs: [`datasets/${size}.yaml`],
      task_entrypoint: 'CSVSubmissionTasks',
      training_timeout: 60,
      starter_code,
      baseline_paths: ['baseline.py'],
      evaluation_paths: ['evaluate.py'],
      evaluation_read_only: true,
    };
    await write(`configs/tasks/${size}.yaml`, JSON.stringify(task));
    const sidecar = {
      version: 1,
      env_id: `guess/${size}-v1`,
      metric: { name: 'right', direction: 'maximize', bounds: [0, 1] },
      evaluation: { timeout_ms: 3000 },
      hidden_files: ['data/answer.txt'],
      resources: { cpus: 1, memory_bytes: 2 ** 29, disk_bytes: 2 ** 27, pids: 128 },
    };
    await write(`gymsmith/${size}.json`, JSON.stringify(sidecar));
  }
}
