import { describe, expect, it } from 'vitest';
import { verificationStage } from '../../src/synth/verification/verification-stage.js';
import { faultOf, openTrials, type Trial } from './trials.js';

const trials = openTrials();

const EVALUATE = `import csv, json, sys
from pathlib import Path
def read(path):
    return {row['id']: float(row['body_mass_g']) for row in csv.DictReader(open(path))}
truth, said = read(Path(__file__).resolve().parent / 'answers.csv'), read(sys.argv[2])
if said.keys() != truth.keys():
    sys.exit('invalid submission: wrong ids')
score = (sum((said[key] - truth[key]) ** 2 for key in truth) / len(truth)) ** 0.5
`;
const printing = (text: string) => ({ 'evaluate.py': `${EVALUATE}${text}\n` });
const PRINT = "print(json.dumps({'rmse': score}))";
const table = (files: Trial['files']): Trial => ({ kind: 'predictions', files, gates: [] });

const FAULTS: [string, string, Trial, RegExp][] = [
  ['files_missing', 'without evaluate.py', table({ 'evaluate.py': null }), /no evaluate\.py/],
  [
    'files_missing',
    'of code without a reference',
    { kind: 'program', files: { 'checks/reference.py': null }, gates: [] },
    /no checks\/reference\.py/,
  ],
  [
    'syntax_error',
    'of which a program does not parse',
    table({ 'baseline.py': 'def f(:\n' }),
    /^baseline\.py: SyntaxError/,
  ],
  ['syntax_error', 'of which a helper does not parse', table({ 'helper.py': 'x = (1\n' }), /^helper\.py: SyntaxError/],
  [
    'baseline_failed',
    'whose baseline imports what is not there',
    table({ 'baseline.py': 'import torchvision_pro\n' }),
    /ModuleNotFoundError/,
  ],
  [
    'baseline_failed',
    'whose baseline ends with another status',
    table({ 'baseline.py': 'raise SystemExit(3)\n' }),
    /ended with 3/,
  ],
  [
    'baseline_too_big',
    'whose baseline has no memory left',
    table({ 'baseline.py': 'raise MemoryError()\n' }),
    /ran out of memory/,
  ],
  [
    'network_use',
    'whose baseline asks a name server',
    table({ 'baseline.py': "import urllib.request\nurllib.request.urlopen('https://huggingface.co')\n" }),
    /asked for the network/,
  ],
  [
    'network_use',
    'whose baseline connects to an address',
    table({ 'baseline.py': "import socket\nsocket.create_connection(('10.1.2.3', 80), 5)\n" }),
    /asked for the network/,
  ],
  [
    'no_submission',
    'whose baseline leaves nothing',
    table({ 'baseline.py': "print('done')\n" }),
    /left no submission\.csv/,
  ],
  [
    'evaluation_failed',
    'whose baseline forgets rows',
    table({ 'baseline.py': "open('submission.csv', 'w').write('id,body_mass_g\\nr40,3000\\n')\n" }),
    /status 1/,
  ],
  ['evaluation_failed', 'whose evaluator crashes', table(printing("raise KeyError('rmse')")), /status 1/],
  [
    'evaluation_failed',
    'whose evaluator scores and ends with another status',
    table(printing(`${PRINT}\nsys.exit(2)`)),
    /status 2/,
  ],
  [
    'network_use',
    'whose evaluator asks the network',
    table(printing("import socket\nsocket.getaddrinfo('example.org', 80)")),
    /evaluate\.py asked/,
  ],
  [
    'evaluation_noise',
    'whose evaluator prints a line more',
    table(printing(`print('evaluating')\n${PRINT}`)),
    /more than its one line/,
  ],
  [
    'evaluation_noise',
    'whose evaluator prints JSON over lines',
    table(printing("print(json.dumps({'rmse': score}, indent=1))")),
    /3 lines/,
  ],
  [
    'evaluation_noise',
    'whose evaluator warns',
    table(printing(`import warnings\nwarnings.warn('old')\n${PRINT}`)),
    /more than its one line/,
  ],
  ['metric_missing', 'whose evaluator prints no JSON', table(printing("print('rmse', score)")), /no JSON/],
  [
    'metric_missing',
    'whose evaluator prints another metric',
    table(printing("print(json.dumps({'mse': score}))")),
    /does not hold the metric \(rmse\)/,
  ],
  ['metric_not_finite', 'whose metric is NaN', table(printing("print(json.dumps({'rmse': float('nan')}))")), /finite/],
  ['metric_not_finite', 'whose metric is a text', table(printing("print(json.dumps({'rmse': str(score)}))")), /finite/],
  [
    'metric_not_finite',
    'of which another value is infinite',
    table(printing("print(json.dumps({'rmse': score, 'worst': float('inf')}))")),
    /worst is no finite/,
  ],
  [
    'metric_out_of_bounds',
    'whose metric lies below the only bound',
    table(printing("print(json.dumps({'rmse': -score}))")),
    /at least 0/,
  ],
  [
    'metric_out_of_bounds',
    'whose metric lies above its bounds',
    {
      kind: 'artifact',
      gates: [],
      change: (one) => ({
        ...one,
        proposal: one.proposal && { ...one.proposal, metric: { ...one.proposal.metric, upper: 10 } },
      }),
    },
    /outside its bounds/,
  ],
  [
    'evaluation_timeout',
    'whose evaluator never ends',
    { ...table(printing('while True: pass')), verification: { evaluation_timeout_s: 2 } },
    /past its limit/,
  ],
  [
    'baseline_timeout',
    'whose baseline never ends',
    {
      ...table({ 'baseline.py': "print('begins', flush=True)\nwhile True: pass\n" }),
      verification: { baseline_timeout_s: 2 },
    },
    /more than 2 s/,
  ],
];

describe.concurrent('the gate of structure', () => {
  it.each(FAULTS)('finds %s in a task %s [S5 S7]', async (fault, _what, trial, detail) => {
    const tried = await trials().run(trial);
    expect(faultOf(tried)).toBe(fault);
    const [attempt, next] = tried.candidate.attempts;
    expect(attempt?.detail).toMatch(detail);
    expect(attempt?.gates.at(-1)).toMatchObject({ gate: 'structure', verdict: 'fail', fault });
    expect(next?.how).toBe('repair');
    expect(tried.candidate.state).toBe('generation');
    expect(tried.drafts).toEqual([]);
  });

  it('shows the command, how it ended, and the end of what it printed [S6]', async () => {
    const source =
      "import sys\nprint('loading')\nsys.stderr.write('odd\\n')\nraise ValueError('shapes (3,) and (4,)')\n";
    const tried = await trials().run(table({ 'baseline.py': source }));
    expect(tried.candidate.attempts[0]?.evidence).toMatchObject({
      command: 'SEED=0 python baseline.py',
      exit_status: '1',
      log_tail: expect.stringMatching(/loading[\s\S]*odd[\s\S]*ValueError: shapes/),
    });
  });

  it('is measured, not judged, when it is switched off; what has no score has none [S7 S9]', async () => {
    const { context, candidate } = await trials().prepare(table({}));
    const settings = { ...context.settings, gates: { ...context.settings.gates, structure: false } };
    const ended = await verificationStage.run(candidate, { ...context, settings });
    expect(ended.state).toBe('publishing');
    expect(ended.baseline?.scores).toHaveLength(1);
    expect(ended.attempts[0]?.gates.map(({ gate, verdict }) => `${gate} ${verdict}`)).toContain('structure skip');
  });
});
