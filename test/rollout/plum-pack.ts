import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const EVALUATE = `import json, sys
text = open(sys.argv[-1]).read()
print(json.dumps({'right': int(text == 'yes'), 'n': 3}))
`;

/** A pack with one task, `plum/plums-v1`: a starter file in a directory, and data of which one file is hidden. */
export async function writePlumPack(root: string): Promise<void> {
  const write = async (name: string, contents: string) => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), contents);
  };
  await write('data/plums/data/rows.bin', 'a\n');
  await write('data/plums/data/answer.txt', 'yes');
  await write('data/plums/evaluate.py', EVALUATE);
  await write('data/plums/src/model.py', 'def f():\n    return 1\n');
  const dataset = { name: 'rows', description: 'Rows.', data_path: 'data/plums/data', is_local: true };
  await write('configs/datasets/plums.yaml', JSON.stringify(dataset));
  const task = {
    id: 'plumTask',
    name: 'plums',
    description: 'Weigh plums. {dataset_docs}',
    dataset_configs: ['datasets/plums.yaml'],
    task_entrypoint: 'CSVSubmissionTasks',
    training_timeout: 60,
    starter_code: ['data/plums/evaluate.py', 'data/plums/src'],
    evaluation_paths: ['evaluate.py'],
    evaluation_read_only: true,
    baseline_scores: [{ right: 0.5 }],
  };
  await write('configs/tasks/plums.yaml', JSON.stringify(task));
  const sidecar = {
    version: 1,
    env_id: 'plum/plums-v1',
    metric: { name: 'right', direction: 'maximize', bounds: [0, 1] },
    hidden_files: ['data/answer.txt'],
    resources: { cpus: 1, memory_bytes: 2 ** 29, disk_bytes: 2 ** 27, pids: 128 },
  };
  await write('gymsmith/plums.json', JSON.stringify(sidecar));
}
