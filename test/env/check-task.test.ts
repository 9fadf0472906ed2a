import { describe, expect, it, onTestFinished } from 'vitest';
import { openGym } from '../../src/cli/gym/open-gym.js';
import { readConfig } from '../../src/config.js';
import type { CheckFinding, CheckReport } from '../../src/env/check/check-report.js';
import { checkTask } from '../../src/env/check/check-task.js';
import { temporaryDirectory, writeFiles } from './pack-fixture.js';

const EVALUATE = `import csv, json, os, sys
rows = list(csv.reader(open(sys.argv[2])))
labels = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'labels.txt')).read().split()
if len(rows) != len(labels): sys.exit('wrong number of rows')
print(json.dumps({'accuracy': sum(r[0] == l for r, l in zip(rows, labels)) / len(labels)}))
`;
const BASELINE = "open('submission.csv', 'w').write('1\\n' * 20)\n";
const LABELS = '1 0 1 1 0 1 0 1 1 1 0 0 1 0 1 1 1 0 1 0';

interface Variant {
  evaluate?: string;
  baseline?: string | null;
  score?: number | null;
  tolerance?: number;
  files?: Record<string, string>;
  hidden?: string[];
}

/** A pack with one small task, and a gym of local sandboxes that serves it. */
async function check(variant: Variant, runs = 2): Promise<CheckReport> {
  const {
    evaluate = EVALUATE,
    baseline = BASELINE,
    score = 0.6,
    tolerance = 0,
    files = {},
    hidden = ['labels.txt'],
  } = variant;
  const code: Record<string, string> = {
    'evaluate.py': evaluate,
    'labels.txt': LABELS,
    ...(baseline && { 'baseline.py': baseline }),
    ...files,
  };
  const root = await writeFiles({
    'configs/tasks/coins.yaml': [
      'id: coins',
      'name: Coins',
      'description: Guess coins.',
      'training_timeout: 60',
      `starter_code: [${Object.keys(code)
        .map((name) => `data/${name}`)
        .join(', ')}]`,
      `baseline_paths: [${baseline === null ? '' : 'baseline.py'}]`,
      'evaluation_paths: [evaluate.py]',
    ].join('\n'),
    'gymsmith/coins.json': JSON.stringify({
      version: 1,
      env_id: 'test/coins-v1',
      metric: { name: 'accuracy', direction: 'maximize', tolerance },
      baseline: score === null ? null : { score },
      hidden_files: hidden,
    }),
    ...Object.fromEntries(Object.entries(code).map(([name, text]) => [`data/${name}`, text])),
  });
  const gym = await openGym({
    ...readConfig(),
    backend: 'local',
    packs: [root],
    warm: 0,
    stateDir: await temporaryDirectory(),
  });
  onTestFinished(() => gym.close());
  expect(gym.registry.faults).toEqual([]);
  const entry = gym.registry.get('test/coins-v1');
  if (entry.kind !== 'task') throw new Error('not a task of a pack');
  return checkTask(entry.task, { createEnv: (id, params) => gym.catalogue.create(id, params), runs });
}

function verdicts({ findings }: CheckReport): Partial<Record<CheckFinding['name'], string>> {
  return Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict]));
}

function find({ findings }: CheckReport, name: CheckFinding['name']): CheckFinding | undefined {
  return findings.find((finding) => finding.name === name);
}

describe('the check of a task', () => {
  it('finds nothing wrong with a sound task and measures its baseline [E8]', async () => {
    const report = await check({}, 3);
    expect(verdicts(report)).toEqual({
      hidden_files: 'pass',
      nothing_submitted: 'pass',
      baseline: 'pass',
      determinism: 'pass',
      submission_counts: 'pass',
      declared_baseline: 'pass',
      time: 'pass',
    });
    expect(report).toMatchObject({
      verdict: 'pass',
      task: 'test/coins-v1',
      baseline: { scores: [0.6, 0.6, 0.6], mean: 0.6, std: 0 },
    });
    expect(report.reset_ms).toHaveLength(4);
    expect(report.evaluation_ms.length).toBeGreaterThanOrEqual(6);
  });

  it('tells that the score does not depend on what is submitted [B5]', async () => {
    const report = await check({ evaluate: 'print(\'{"accuracy": 0.6}\')\n' });
    expect(report.verdict).toBe('fail');
    expect(find(report, 'submission_counts')).toMatchObject({
      verdict: 'fail',
      remedy: expect.stringContaining('submission.paths'),
    });
  });

  it('tells that nothing scores something where the submission is code [B5]', async () => {
    const report = await check({
      evaluate: 'import json, os\nprint(json.dumps({"accuracy": 0.6 if os.path.exists("submission.csv") else 0.1}))\n',
      score: 0.6,
    });
    expect(find(report, 'submission_counts')?.verdict).toBe('fail');
  });

  it('tells that equal submissions score unequally, until the noise is declared [E8]', async () => {
    const evaluate = EVALUATE.replace('import csv', 'import random, csv').replace(
      '/ len(labels)',
      '/ len(labels) + random.random() / 100',
    );
    const noisy = await check({ evaluate, score: null });
    expect(find(noisy, 'determinism')).toMatchObject({
      verdict: 'fail',
      remedy: expect.stringContaining('metric.tolerance'),
    });
    expect(find(noisy, 'declared_baseline')).toMatchObject({
      verdict: 'warn',
      remedy: expect.stringMatching(/"score": 0\.60/),
    });
    expect(verdicts(await check({ evaluate, tolerance: 0.02 }))).toMatchObject({
      determinism: 'pass',
      declared_baseline: 'pass',
    });
  });

  it('tells that the agent can read a copy of a hidden file [B5]', async () => {
    const report = await check({ files: { 'notes.txt': LABELS } });
    expect(find(report, 'hidden_files')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('notes.txt'),
    });
  });

  it('tells that the declared baseline is not the measured one, and what to write [E8]', async () => {
    const report = await check({ score: 0.9 });
    expect(find(report, 'declared_baseline')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('declared 0.9, measured 0.6'),
      remedy: 'write "baseline": {"score": 0.6, "std": 0, "runs": 2} in the sidecar',
    });
  });

  it('tells why a baseline fails: its own error, or what the evaluation says [B1]', async () => {
    const crash = await check({ baseline: 'raise ValueError("no pears")\n' });
    expect(find(crash, 'baseline')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('ValueError: no pears'),
    });
    const short = await check({ baseline: "open('submission.csv', 'w').write('1\\n')\n" });
    expect(find(short, 'baseline')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('wrong number of rows'),
    });
  });

  it('says that there is no baseline to run', async () => {
    const report = await check({ baseline: null });
    expect(report.verdict).toBe('pass');
    expect(find(report, 'baseline')).toMatchObject({
      verdict: 'skip',
      remedy: expect.stringContaining('baseline_paths'),
    });
  });
});
