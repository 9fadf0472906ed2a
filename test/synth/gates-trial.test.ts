import { describe, expect, it } from 'vitest';
import type { GateName } from '../../src/synth/gates/gate.js';
import { cellsOf, withFile } from './grounded.js';
import { READ, SCORE } from './rmse-programs.js';
import { faultOf, openTrials, type Trial } from './trials.js';

const trials = openTrials();

const PRINT = "print(json.dumps({'rmse': score}))\n";

/** A task of predictions with another evaluator. */
const table = (gate: GateName, evaluator: string, more: Partial<Trial> = {}): Trial => ({
  kind: 'predictions',
  gates: [gate],
  files: { 'evaluate.py': evaluator, ...more.files },
  ...(more.change && { change: more.change }),
});

/** Programs of a task whose evaluator runs what is handed in as the same user, and reads a hidden number. */
const RUN = `import json, subprocess, sys
from pathlib import Path
HERE = Path(__file__).resolve().parent
hidden = json.loads((HERE / 'hidden' / 'case.json').read_text())
`;
const guess = (number: number) => `def guess():\n    return ${number}\n`;
const program = (gate: GateName, evaluator: string, more: Partial<NonNullable<Trial['files']>> = {}): Trial => ({
  kind: 'program',
  gates: [gate],
  change: (one) => ({
    ...one,
    proposal: one.proposal && {
      ...one.proposal,
      metric: { ...one.proposal.metric, name: 'points', lower: 0, upper: 100 },
      submission: { kind: 'program', files: ['player.py'] },
    },
  }),
  files: {
    'hidden/case.json': '{"number": 70}',
    'hidden/wells.json': null,
    'evaluate.py': evaluator,
    'baseline.py': `open('player.py', 'w').write('''${guess(40)}''')\n`,
    'checks/weak.py': `open('player.py', 'w').write('''${guess(5)}''')\n`,
    'checks/reference.py': `open('player.py', 'w').write('''${guess(68)}''')\n`,
    ...more,
  },
});
const IMPORTED = `${RUN}sys.path.insert(0, str(HERE))
import player
print(json.dumps({'points': 100 - abs(hidden['number'] - player.guess())}))
`;
const CHILD = `${RUN}code = 'import player; print(player.guess())'
done = subprocess.run([sys.executable, '-c', code], cwd=HERE, capture_output=True, text=True, timeout=5)
`;
const ANSWER = `try:
    points = 100 - abs(hidden['number'] - int(done.stdout))
except ValueError:
    sys.exit('invalid submission: no number')
print(json.dumps({'points': points}))
`;

const FAULTS: [string, GateName, string, Trial, RegExp][] = [
  [
    'baseline_too_slow',
    'cost',
    'that takes longer than it may',
    {
      kind: 'predictions',
      gates: ['cost'],
      verification: { cost: { baseline_s: 0.001, evaluation_s: 60, memory_bytes: null, gpu_memory_bytes: null } },
    },
    /0\.001 s are the most/,
  ],
  [
    'baseline_too_big',
    'cost',
    'that takes more memory than it may',
    {
      kind: 'predictions',
      gates: ['cost'],
      verification: { cost: { baseline_s: 60, evaluation_s: 60, memory_bytes: 2 ** 20, gpu_memory_bytes: null } },
    },
    /1 MiB are the most/,
  ],
  [
    'evaluation_timeout',
    'cost',
    'whose evaluation takes longer than it may',
    {
      kind: 'predictions',
      gates: ['cost'],
      verification: { cost: { baseline_s: 60, evaluation_s: 0.001, memory_bytes: null, gpu_memory_bytes: null } },
    },
    /the evaluation takes/,
  ],
  [
    'submission_ignored',
    'triple',
    'whose evaluator ignores the submission',
    table('triple', `${READ}score = 12.5\n${PRINT}`),
    /all score 12\.5/,
  ],
  [
    'submission_ignored',
    'triple',
    'of code whose evaluator ignores it',
    program('triple', `${RUN}print(json.dumps({'points': 50}))\n`),
    /weak, baseline and reference all score 50/,
  ],
  [
    'nothing_scores',
    'triple',
    'whose evaluator takes an empty file',
    table(
      'triple',
      `${READ}try:\n    said = read(sys.argv[2])\nexcept Exception:\n    said = {}\nscore = sum(abs(said.get(key, 0) - truth[key]) for key in truth)\n${PRINT}`,
    ),
    /an empty submission\.csv scores/,
  ],
  [
    'nothing_scores',
    'triple',
    'of code that gives points for none',
    program('triple', `${CHILD}print(json.dumps({'points': 100 - abs(hidden['number'] - int(done.stdout or 0))}))\n`),
    /without any submission the score is 30/,
  ],
  [
    'oracle_rejected',
    'triple',
    'whose true answers are off the bound',
    table('triple', `${READ}${SCORE}score += 100\n${PRINT}`),
    /the true answers score 100, and the bound is 0/,
  ],
  [
    'oracle_rejected',
    'triple',
    'whose evaluator refuses the true answers',
    table('triple', `${READ}${SCORE}if score < 10:\n    sys.exit('too good')\n${PRINT}`),
    /get no score/,
  ],
  [
    'oracle_rejected',
    'triple',
    'whose reference is no better than the baseline',
    program('triple', `${CHILD}${ANSWER}`, {
      'checks/reference.py': `open('player.py', 'w').write('''${guess(30)}''')\n`,
    }),
    /reference\.py scores 60, the baseline 70/,
  ],
  [
    'oracle_rejected',
    'triple',
    'whose reference fails',
    program('triple', `${CHILD}${ANSWER}`, { 'checks/reference.py': 'import no_such_module\n' }),
    /reference\.py leaves has no score/,
  ],
  [
    'cheat_scores',
    'triple',
    'whose evaluator scores the rows that are there',
    table(
      'triple',
      `${READ}said = read(sys.argv[2])\nif not said:\n    sys.exit('invalid submission: no rows')\nscore = (sum((said[key] - truth[key]) ** 2 for key in said) / len(said)) ** 0.5\n${PRINT}`,
    ),
    /half of the rows score 0/,
  ],
  [
    'cheat_scores',
    'triple',
    'whose baseline is worse than a constant',
    table('triple', `${READ}${SCORE}${PRINT}`, {
      files: {
        'baseline.py':
          "import csv\nrows = csv.DictReader(open('data/test.csv'))\nopen('submission.csv', 'w').write('id,body_mass_g\\n' + ''.join(f\"{row['id']},0\\n\" for row in rows))\n",
      },
    }),
    /a constant prediction/,
  ],
  [
    'cheat_scores',
    'triple',
    'that imports what is handed in',
    program('triple', IMPORTED),
    /work that (prints|patches) a score/,
  ],
  [
    'cheat_scores',
    'triple',
    'that takes the score out of what is printed',
    program(
      'triple',
      `${CHILD.replace('print(player.guess())', "import json; print(json.dumps({\\'points\\': 100 - abs(70 - player.guess())}))")}line = done.stdout.strip().splitlines()[:1]\nif not line:\n    sys.exit('invalid submission: it prints nothing')\nprint(line[0])\n`,
    ),
    /work that prints a score/,
  ],
  [
    'labels_reachable',
    'triple',
    'that lets code read hidden files',
    program('triple', `${CHILD}${ANSWER}`),
    /read hidden files/,
  ],
  [
    'evaluation_unsteady',
    'determinism',
    'whose evaluator draws lots',
    table('determinism', `import random\n${READ}${SCORE}score += random.random()\n${PRINT}`),
    /evaluations of one submission gave/,
  ],
  [
    'baseline_unsteady',
    'determinism',
    'whose baseline fails with another seed',
    table('determinism', `${READ}${SCORE}${PRINT}`, {
      files: {
        'baseline.py':
          "import csv, os\nif os.environ['SEED'] == '2':\n    raise ZeroDivisionError('no luck')\nrows = csv.DictReader(open('data/test.csv'))\nopen('submission.csv', 'w').write('id,body_mass_g\\n' + ''.join(f\"{row['id']},4000\\n\" for row in rows))\n",
      },
    }),
    /with SEED=2, but not with SEED=0: .*no luck/,
  ],
  [
    'insensitive',
    'sensitivity',
    'whose metric has two values',
    table('sensitivity', `${READ}${SCORE}score = float(score > 0)\n${PRINT}`),
    /score 0, 1, 1, 1, 1/,
  ],
  [
    'insensitive',
    'sensitivity',
    'whose weak work is not weak',
    program('sensitivity', `${CHILD}${ANSWER}`, {
      'checks/weak.py': `open('player.py', 'w').write('''${guess(50)}''')\n`,
    }),
    /weak 80, baseline 70, reference 98/,
  ],
  [
    'baseline_saturated',
    'headroom',
    'whose baseline is at the bound',
    program('headroom', `${CHILD}${ANSWER}`, { 'baseline.py': `open('player.py', 'w').write('''${guess(70)}''')\n` }),
    /within 1 % of the bound 100/,
  ],
];

describe.concurrent('a gate that tries a task out', () => {
  it.each(FAULTS)('finds %s (%s) in a task %s [S7]', async (fault, gate, _what, trial, detail) => {
    const tried = await trials().run(trial);
    const attempt = tried.candidate.attempts[0];
    expect([faultOf(tried), attempt?.detail]).toEqual([fault, expect.stringMatching(detail)]);
    expect(attempt?.gates.at(-1)).toMatchObject({ gate, verdict: 'fail', fault });
    expect(tried.drafts).toEqual([]);
  });

  it('measures the noise of a baseline over its seeds [E8 S7]', async () => {
    const noisy =
      "import csv, os\nrows = csv.DictReader(open('data/test.csv'))\nvalue = 4000 + 50 * int(os.environ['SEED'])\nopen('submission.csv', 'w').write('id,body_mass_g\\n' + ''.join(f\"{row['id']},{value}\\n\" for row in rows))\n";
    const tried = await trials().run({ kind: 'predictions', gates: ['determinism'], files: { 'baseline.py': noisy } });
    expect(tried.candidate.baseline?.scores).toHaveLength(3);
    expect(new Set(tried.candidate.baseline?.scores).size).toBe(3);
    expect(tried.candidate.baseline?.std).toBeGreaterThan(0);
  });

  it('lets a metric stay at its worst value once most answers are wrong [S7]', async () => {
    const tried = await trials().run(
      table(
        'sensitivity',
        `${READ}${SCORE}mean = sum(truth.values()) / len(truth)\nerror = (sum((mean - value) ** 2 for value in truth.values()) / len(truth)) ** 0.5\nscore = max(0, 1 - 2 * (score / error) ** 2)\n${PRINT}`,
        {
          change: (one) => ({
            ...one,
            proposal: one.proposal && {
              ...one.proposal,
              metric: { ...one.proposal.metric, direction: 'maximize', upper: 1 },
            },
          }),
        },
      ),
    );
    const scores = tried.candidate.attempts[0]?.gates.find(({ gate }) => gate === 'sensitivity')?.measured
      .degraded_scores;
    expect(tried.candidate.state).toBe('publishing');
    expect(scores).toEqual([1, expect.any(Number), expect.any(Number), 0, 0]);
  });

  it('skips what needs answers where none are known [S9]', async () => {
    const tried = await trials().run({
      kind: 'predictions',
      gates: ['triple', 'sensitivity', 'leakage'],
      files: {
        'baseline.py': "open('submission.csv', 'w').write('id,body_mass_g\\n1,2\\n')\n",
        'evaluate.py': "import json\nprint(json.dumps({'rmse': 2}))\n",
      },
      change: (one) => ({
        ...one,
        grounding: one.grounding && { ...one.grounding, dataset: null, plan: null, files: [] },
      }),
    });
    const verdicts = tried.candidate.attempts[0]?.gates.map(({ gate, verdict }) => `${gate} ${verdict}`);
    expect(verdicts).toEqual(expect.arrayContaining(['triple skip', 'sensitivity skip', 'leakage pass']));
  });

  it('takes answers of few classes for what they are [S7]', async () => {
    const accuracy = `${READ}said = read(sys.argv[2])\nif said.keys() != truth.keys():\n    sys.exit('invalid submission: wrong ids')\nscore = sum(said[key] == truth[key] for key in truth) / len(truth)\n${PRINT}`;
    const tried = await trials().run(
      table('sensitivity', accuracy, {
        change: (one) => {
          const values = cellsOf(one, 'answers.csv', 1);
          withFile(one, 'answers.csv', ([head, ...lines]) => [
            head ?? '',
            ...lines.map((line, row) => `${line.split(',')[0]},${Number(values[row]) % 2}`),
          ]);
          return {
            ...one,
            proposal: one.proposal && {
              ...one.proposal,
              metric: { ...one.proposal.metric, direction: 'maximize', upper: 1 },
            },
          };
        },
      }),
    );
    expect(tried.candidate.state).toBe('publishing');
  });
});
