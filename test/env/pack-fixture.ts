import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a directory that is removed with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-pack-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files, by relative path, into a directory or a new one. */
export async function writeFiles(files: Readonly<Record<string, string>>, root?: string): Promise<string> {
  const directory = root ?? (await temporaryDirectory());
  for (const [name, contents] of Object.entries(files)) {
    const target = path.join(directory, name);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, contents);
  }
  return directory;
}

export const TASK_YAML = `# a comment
id: pears
name: Pears
description: |-
  Predict the weight of pears.
  {dataset_docs}
  Write {{"weight": 1}} to \`submission.csv\`.
dataset_configs:
- datasets/pears.yaml
task_entrypoint: CSVSubmissionTasks
training_timeout: 600
starter_code:
- data/pears/baseline.py
- data/pears/evaluate.py
- data/pears/src
baseline_paths:
- baseline.py
baseline_scores:
- rmse: 24000
  r2: 5e-1
evaluation_paths:
- evaluate.py
evaluation_read_only: true
`;

export const DATASET_YAML = `name: Pears 2020
description: Weights of pears.
data_path: data/pears/data
is_local: true
train_split:
  name: train
  file_regex: ./data/train*
`;

export const SIDECAR = {
  version: 1,
  env_id: 'fruit/pears-v3',
  metric: { name: 'rmse', direction: 'minimize', tolerance: 0.5 },
  hidden_files: ['data/answers.csv'],
};

/** Files of a pack with one faultless task. */
export function pearFiles(change: Readonly<Record<string, string | null>> = {}): Record<string, string> {
  const files: Record<string, string | null> = {
    'configs/tasks/pears.yaml': TASK_YAML,
    'configs/datasets/pears.yaml': DATASET_YAML,
    'gymsmith/pears.json': JSON.stringify(SIDECAR, null, 2),
    'data/pears/baseline.py': 'print("baseline")\n',
    'data/pears/evaluate.py': 'print("{}")\n',
    'data/pears/src/__init__.py': '',
    'data/pears/src/deep/model.py': 'x = 1\n',
    'data/pears/data/train.csv': 'a,b\n1,2\n',
    'data/pears/data/answers.csv': 'b\n2\n',
    ...change,
  };
  return Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null));
}
