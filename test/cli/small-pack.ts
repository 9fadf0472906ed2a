import path from 'node:path';
import { writeFiles } from '../env/pack-fixture.js';

/** Tasks that cost next to nothing: their programs need a few hundredths of a second. */
export const SMALL_TASKS = ['apples', 'pears', 'plums', 'quinces', 'cherries', 'medlars', 'lemons', 'figs'] as const;

/** The score is how far the sum of the numbers in `submission.csv` is from 100; less is better. */
const EVALUATOR = `import json
try:
    numbers = [float(line) for line in open("submission.csv")]
except OSError:
    raise SystemExit("there is no submission.csv")
print(json.dumps({"distance": abs(100 - sum(numbers))}))
`;
const BASELINE = 'print(10, file=open("submission.csv", "w"))\nprint("wrote 10")\n';
/** The baseline is 90 away, the solution 0. */
const ACTIONS = [
  'python3 baseline.py',
  'create model.sh',
  'edit 1:1\nprintf "20\\n30\\n50\\n" > submission.csv\nend_of_edit',
  'bash model.sh && cat submission.csv',
  'submit',
];

function taskFiles(fruit: string): Record<string, string> {
  return {
    [`configs/tasks/${fruit}.yaml`]: `id: ${fruit}
name: Weights of ${fruit}
description: |-
  Find out what ${fruit} weigh.
  Write numbers whose sum is 100 into submission.csv, one a line. baseline.py is the baseline.
dataset_configs: []
task_entrypoint: CSVSubmissionTasks
training_timeout: 60
starter_code:
- data/${fruit}/baseline.py
- data/${fruit}/evaluate.py
baseline_paths:
- baseline.py
baseline_scores:
- distance: 90
evaluation_paths:
- evaluate.py
evaluation_read_only: true
`,
    [`gymsmith/${fruit}.json`]: JSON.stringify({
      version: 1,
      env_id: `small/${fruit}-v1`,
      metric: { name: 'distance', direction: 'minimize', tolerance: 0 },
      baseline: { score: 90, std: 0, runs: 1 },
      limits: { max_steps: 8 },
      resources: { image: 'gymsmith/cpu', cpus: 1, memory_bytes: 2 ** 28, disk_bytes: 2 ** 25, pids: 64, gpus: 0 },
    }),
    [`data/${fruit}/baseline.py`]: BASELINE,
    [`data/${fruit}/evaluate.py`]: EVALUATOR,
    [`solutions/${fruit}.json`]: JSON.stringify({ task: `small/${fruit}-v1`, actions: ACTIONS }),
  };
}

/**
 * Writes a pack of small tasks with their recorded solutions.
 * @returns its directory
 */
export async function writeSmallPack(root: string, fruits: readonly string[] = SMALL_TASKS): Promise<string> {
  return writeFiles(Object.assign({}, ...fruits.map(taskFiles)), path.join(root, 'pack'));
}
