import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/synth/candidate.js';
import { cellsOf, withFile } from './grounded.js';
import { READ, SCORE } from './rmse-programs.js';
import { faultOf, openTrials, type Trial } from './trials.js';

const trials = openTrials();

const BASELINE = `import csv
rows = list(csv.DictReader(open('data/test.csv')))
open('submission.csv', 'w').write('id,body_mass_g\\n' + ''.join(f"{row['id']},4000\\n" for row in rows))
`;
const table = (files: Trial['files'], change?: Trial['change']): Trial => ({
  kind: 'predictions',
  files,
  gates: ['leakage'],
  ...(change && { change }),
});

/** Answers of the fixture, which follow from the numbers of its rows. */
function answers(): number[] {
  return Array.from({ length: 20 }, (_, index) => {
    const at = index + 40;
    const length = 30 + ((at * 7) % 20) + at / 10;
    return Math.round(100 * length + 40 * Math.sin(at));
  });
}

const pairs = answers().map((value, index) => `'r${index + 40}': ${value}`);

/** Puts the answers, changed, into a column of the test table. */
function column(cell: (answer: string, row: number) => string): (candidate: Candidate) => Candidate {
  return (candidate) => {
    const cells = cellsOf(candidate, 'answers.csv', 1);
    return withFile(candidate, 'data/test.csv', ([head, ...lines]) => [
      `${head},note`,
      ...lines.map((line, row) => `${line},${cell(cells[row] ?? '', row)}`),
    ]);
  };
}

const FAULTS: [string, string, Trial, RegExp][] = [
  [
    'labels_reachable',
    'whose baseline reads the answers where it finds them',
    table({ 'baseline.py': `import os\nif os.path.exists('answers.csv'):\n    pass\n${BASELINE}` }),
    /baseline\.py reads answers\.csv/,
  ],
  [
    'labels_reachable',
    'whose baseline has them read by a module',
    table({ 'baseline.py': `import tools\n${BASELINE}`, 'tools.py': "PLACE = 'x/answers.csv'\n" }),
    /tools\.py reads answers\.csv/,
  ],
  [
    'labels_reachable',
    'whose evaluator holds the answers in order',
    table({ 'evaluate.py': `TRUTH = [${answers().join(', ')}]\n${READ}${SCORE}print(json.dumps({'rmse': score}))\n` }),
    /evaluate\.py holds \d+ answers in order/,
  ],
  [
    'labels_reachable',
    'with a helper that has them beside their ids, in another order',
    table({ 'helper.py': `TRUTH = {${[...pairs].reverse().join(', ')}}\n` }),
    /helper\.py holds \d+ answers beside their ids/,
  ],
  [
    'labels_reachable',
    'with a copy of the hidden file',
    {
      kind: 'artifact',
      gates: ['leakage'],
      files: {
        'hidden/starts.json': `{"seed": 5, "starts": 20, "name": "${'abcdefghij0123456789'.repeat(5)}"}`,
        'notes.txt': `{"seed": 5, "starts": 20,\n "name": "${'abcdefghij0123456789'.repeat(5)}"}`,
      },
    },
    /notes\.txt holds what is hidden in hidden\/starts\.json/,
  ],
  [
    'labels_reachable',
    'with a text that nobody can read',
    table({ 'helper.py': `DATA = '${'QUJD'.repeat(200)}'\n` }),
    /helper\.py holds a text/,
  ],
  [
    'labels_derivable',
    'whose test table has the answers',
    table(
      {},
      column((answer) => answer),
    ),
    /are the column note/,
  ],
  [
    'labels_derivable',
    'whose test table has the answers in another unit',
    table(
      {},
      column((answer) => String(Number(answer) / 1000 + 7)),
    ),
    /linear function of the column note/,
  ],
  [
    'labels_derivable',
    'of classes that another column names',
    table({}, (candidate) => {
      const classes = (row: number) => ['x', 'y', 'z'][(row * 5) % 3] ?? '';
      withFile(candidate, 'answers.csv', ([head, ...lines]) => [
        head ?? '',
        ...lines.map((line, row) => `${line.split(',')[0]},${classes(row)}`),
      ]);
      return withFile(candidate, 'data/test.csv', ([head, ...lines]) => [
        `${head},code`,
        ...lines.map((line, row) => `${line},${classes(row).charCodeAt(0)}`),
      ]);
    }),
    /map one-to-one onto the column code/,
  ],
  [
    'labels_derivable',
    'whose rows are sorted by their answers',
    table({}, (candidate) =>
      withFile(candidate, 'answers.csv', ([head, ...lines]) => [
        head ?? '',
        ...lines.map((line, row) => `${line.split(',')[0]},${row < 9 ? 0 : 1}`),
      ]),
    ),
    /sorted by their answers/,
  ],
  [
    'test_in_train',
    'whose test rows are training rows',
    table({}, (candidate) => {
      const [length] = cellsOf(candidate, 'data/train.csv', 1);
      return withFile(candidate, 'data/test.csv', (lines) =>
        lines.map((line, row) => (row === 3 || row === 5 ? `${line.split(',')[0]}, ${length}` : line)),
      );
    }),
    /10\.0 % of the test rows \(2\)/,
  ],
  [
    'labels_printed',
    'whose evaluator prints answers beside the metric',
    table({ 'evaluate.py': `${READ}${SCORE}print(json.dumps({'rmse': score, 'truth': list(truth.values())}))\n` }),
    /more than numbers: truth/,
  ],
  [
    'labels_printed',
    'whose evaluator prints a number for each row',
    table({ 'evaluate.py': `${READ}${SCORE}print(json.dumps({'rmse': score, **{str(i): i for i in range(30)}}))\n` }),
    /prints 31 numbers/,
  ],
  [
    'labels_printed',
    'whose evaluator tells the answers when a submission is wrong',
    table({
      'evaluate.py': `${READ}try:\n    said = read(sys.argv[2])\nexcept ValueError:\n    sys.exit(f'expected something like {truth}')\n${SCORE}print(json.dumps({'rmse': score}))\n`,
    }),
    /tells \d+ answers/,
  ],
];

describe.concurrent('the gate of leakage', () => {
  it.each(FAULTS)('finds %s in a task %s [S7 B5]', async (fault, _what, trial, detail) => {
    const tried = await trials().run(trial);
    expect([faultOf(tried), tried.candidate.attempts[0]?.detail]).toEqual([fault, expect.stringMatching(detail)]);
    expect(tried.candidate.attempts[0]?.gates.at(-1)).toMatchObject({ gate: 'leakage', verdict: 'fail' });
    const isHopeless = fault === 'labels_derivable' || fault === 'test_in_train';
    expect(tried.candidate.state).toBe(isHopeless ? 'rejected' : 'generation');
  });

  it('finds a hidden file that lies elsewhere in the sandbox by its contents [S7]', async () => {
    const secret = Array.from({ length: 40 }, (_, at) => `${at}:${(at * 7919) % 1009}`).join(' ');
    // Too large to be searched on this side; in the sandbox its size and sum tell.
    const trial: Trial = {
      kind: 'artifact',
      gates: ['leakage'],
      files: { 'hidden/other.bin': `${secret}\u0000`, 'copy.bin': `${secret}\u0000` },
    };
    const tried = await trials().run(trial);
    expect(tried.candidate.attempts[0]).toMatchObject({
      fault: 'labels_reachable',
      detail: expect.stringContaining('copy.bin'),
    });
  });

  it('lets programs name hidden files in comments, and modules of the evaluator read them [S7]', async () => {
    const files = {
      'baseline.py': `# answers.csv is for the evaluator alone\n${BASELINE}`,
      'truths.py': "from pathlib import Path\nFILE = Path(__file__).resolve().parent / 'answers.csv'\n",
    };
    const tried = await trials().run(table(files));
    expect(tried.candidate.state).toBe('publishing');
  });

  it('lets programs read a visible file that has the name of a hidden one [S7]', async () => {
    const name = "Path('starts.json').read_text()";
    const baseline = `import json\nfrom pathlib import Path\n${name}\nweights = {'weights': [0, 0, 1, 0]}\nPath('policy.json').write_text(json.dumps(weights))\n`;
    const files = { 'baseline.py': baseline, 'starts.json': '{"seed": 1}' };
    expect(faultOf(await trials().run({ kind: 'artifact', gates: ['leakage'], files }))).toBeNull();
    const hidden = { ...files, 'baseline.py': baseline.replace('starts.json', 'hidden/starts.json') };
    expect(faultOf(await trials().run({ kind: 'artifact', gates: ['leakage'], files: hidden }))).toBe(
      'labels_reachable',
    );
  });
});
