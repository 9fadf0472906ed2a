import { describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { sampleFrame } from '../../src/cli/sample/sample-frame.js';
import { SampleView } from '../../src/cli/sample/sample-view.js';
import { sampleSpentLine } from '../../src/cli/sample/sample-words.js';
import { SampleSettings } from '../../src/rollout/sampling/sample-settings.js';
import type { SamplerSnapshot, TaskProgress } from '../../src/rollout/sampling/sampler-snapshot.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import type { Attempt, Outcome } from '../../src/store/attempt.js';

const OUTCOME: Outcome = {
  stop: 'ended',
  exit_status: 'submitted',
  steps: 9,
  submissions: 2,
  valid: 2,
  best: 0.875,
  last: 0.875,
  direction: 'maximize',
  baseline: 0.5,
  improves: true,
  format_errors: 0,
  input_tokens: 100,
  cached_tokens: 0,
  output_tokens: 10,
  calls: 9,
  unpriced_calls: 0,
  usd: 0.01,
  seconds: 12,
  model_seconds: 3,
  gpu_hours: 0,
  bytes: 1000,
  sha256: 'x',
};

function attempt(number: number): Attempt {
  const id = `a/one-v1/m/${String(number).padStart(5, '0')}`;
  return { id, task: 'a/one-v1', task_hash: 'h', model: 'm', number, seed: number, gpus: 0 };
}

function task(name: string, counts: Partial<TaskProgress>): TaskProgress {
  const zero = { open: 0, running: 0, done: 0, failed: 0, valid: 0, faults: 0 };
  const all = { ...zero, ...counts };
  return { task: name, ...all, attempts: all.open + all.running + all.done + all.failed };
}

const GATE = { limit: 8, inside: 6, waiting: 3, pausedMs: 4000, rate: 2.5, answered: 9, refused: 1, failed: 0 };
const SNAPSHOT: SamplerSnapshot = {
  tasks: [
    task('a/one-v1', { open: 100, running: 12, done: 88, valid: 60, failed: 2, faults: 5 }),
    task('a/two-v1', { open: 200 }),
    task('a/three-v1', { done: 200, valid: 20 }),
  ],
  models: [{ ...GATE, name: 'strong', silentMs: 65_000, lastFault: '429\u001b[2J slow down' }],
  servers: [{ url: 'ws://one:8765', underWay: 12, capacity: 64, gpusHeld: 2, state: 'reconnecting' }],
  underWay: Array.from({ length: 12 }, (_, at) => {
    return { id: attempt(at).id, step: at, doing: 'asks\nthe model', sinceMs: 1000 * at };
  }),
  spent: { ...NOTHING_SPENT, usd: 1.25, calls: 70 },
};
const BUDGET = { usd: 5, tokens: null, gpu_hours: null, hours: 10 };
const plain = new Output(process.stdout, { NO_COLOR: '1' });

describe('the picture of a running sampling', () => {
  const state = { snapshot: SNAPSHOT, budget: BUDGET, ended: 288, elapsedMs: 3_600_000, wallSeconds: 7200 };

  it('shows all of it, models, servers, tasks and episodes, and no more lines than there is room for [T1]', () => {
    const lines = sampleFrame({ ...state, nowMs: 61_000, isEnding: false }, 16, plain);
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(lines[0]).toBe('Sampling: 288 of 602 attempts  60 min, about 65 min left, 288 an hour');
    expect(lines[1]).toMatch(/^█+▓+▒*░+ 80 valid, 208 without a valid submission, 2 given up, 5 faults of others$/);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^model {2}strong {2}6 of 8 questions, 3 wait, 2\.5 a second, paused for 4 s, no answer since/,
      ),
    );
    expect(lines).toContain('server ws://one:8765  12 of 64 episodes, 2 GPUs, reconnecting');
    expect(lines).toContainEqual(
      expect.stringMatching(/^spent {2}\$1\.25 of \$5\.00, .*2\.0 h of 10\.0 h; in the end about \$2\.60$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^a\/one-v1 +█+▓+▒*░+ 88\/202, 60 valid, 2 given up, 12 now$/));
    expect(lines).toContain('other tasks: 1 done, 1 not begun');
    expect(lines.at(-1)).toMatch(/^ {2}and \d+ more$/);
    expect(lines.join('')).not.toMatch(/[\n\u001b]/);
  });

  it('says what is not known yet, and that it stops [T1]', () => {
    const [first] = sampleFrame({ ...state, ended: 0, nowMs: 0, isEnding: false }, 16, plain);
    expect(first).toContain('no episode has ended yet');
    expect(sampleFrame({ ...state, nowMs: 0, isEnding: true }, 16, plain)[0]).toContain('stopping');
  });
});

describe('the lines of a running sampling', () => {
  function watched(isQuiet: boolean) {
    const lines: string[] = [];
    const events: Record<string, unknown>[] = [];
    const stream = { write: (text: string) => lines.push(...text.trimEnd().split('\n')) };
    const output = new Output(stream as unknown as NodeJS.WritableStream, { NO_COLOR: '1' });
    const view = new SampleView({ output, isQuiet, json: (event) => events.push(event) });
    view.watch({ snapshot: () => SNAPSHOT, budget: BUDGET, wallSeconds: 0 });
    return { view, lines, events };
  }

  it('are one for an episode, and stay readable when thousands end: the rest is counted [T1]', () => {
    const { view, lines, events } = watched(false);
    for (let number = 0; number < 5000; number++) view.onEpisode(attempt(number), OUTCOME);
    view.stop();
    expect(lines[0]).toBe('a/one-v1/m/00000  submitted, 9 steps, best 0.875 (baseline 0.5), 12 s, $0.010');
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('and 4980 more events; 288 of 602 attempts are done');
    expect(events).toHaveLength(5000);
    expect(events[0]).toMatchObject({ event: 'episode', attempt: 'a/one-v1/m/00000', best: 0.875 });
  });

  it('tell faults with what follows, and nothing but what must be read where it is to be quiet [T1]', () => {
    const loud = watched(false);
    loud.view.onFault(attempt(1), 'infrastructure', 'gone\u001b[2J', 4000);
    loud.view.onFault(attempt(1), 'endpoint', 'gone', null);
    expect(loud.lines[0]).toMatch(/^a\/one-v1\/m\/00001 {2}infrastructure, again in 4 s: gone/);
    expect(loud.lines[1]).toContain('endpoint, given up: gone');
    expect(loud.lines.join('')).not.toContain('\u001b');
    const quiet = watched(true);
    quiet.view.onEpisode(attempt(1), OUTCOME);
    quiet.view.onNotice('a server is away');
    quiet.view.onEnding(new Error('The disk is full'));
    expect(quiet.lines).toEqual(['Nothing new is begun: The disk is full']);
  });
});

describe('words of a sampling', () => {
  it('say what was spent, of which limit, and what of it is not known [T1]', () => {
    const { budget } = SampleSettings.parse({ players: [{ model: 'm' }], budget: { tokens: 2_000_000, gpu_hours: 3 } });
    const spent = { ...NOTHING_SPENT, usd: 0.5, input_tokens: 1_500_000, calls: 3, unpriced_calls: 1, gpu_hours: 1 };
    expect(sampleSpentLine(spent, null, budget)).toBe(
      'at least $0.50, 1.5M tokens of 2.0M, 3 questions, 1.0 GPU-hours of 3',
    );
    expect(sampleSpentLine({ ...NOTHING_SPENT, calls: 2, unpriced_calls: 2 }, 60, budget)).toMatch(
      /^cost unknown, 0 tokens/,
    );
  });
});
