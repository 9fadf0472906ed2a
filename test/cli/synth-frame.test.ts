import { describe, expect, it } from 'vitest';
import { longDuration } from '../../src/cli/long-duration.js';
import { Output } from '../../src/cli/output.js';
import { sandboxCount } from '../../src/cli/synth/sandbox-count.js';
import { synthFrame } from '../../src/cli/synth/synth-frame.js';
import { spentLine } from '../../src/cli/synth/synth-words.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import { newCandidates } from '../../src/synth/pipeline/new-candidate.js';
import { projectRest } from '../../src/synth/pipeline/projection.js';
import { settingsOf } from '../synth/pipeline-harness.js';

const GIB = 2 ** 30;
const TOPIC = { title: 'T', summary: '', area: 'a', modality: 'm', problem: 'p', constraint: 'c' };

describe('the picture of a running synthesis', () => {
  it('shows every stage with its counts, what is spent, and no more lines than there is room for', () => {
    const settings = settingsOf({ topics: 40, budget: { usd: 5 } });
    const made = Array.from({ length: 30 }, (_, at) => newCandidates({ number: at + 1, topic: TOPIC }, settings)[0]!);
    const candidates = made.map((one, at) => {
      if (at < 5) return { ...one, state: 'published', ended_in: 'publishing' } as const;
      if (at < 8) return { ...one, state: 'rejected', ended_in: 'grounding', reason: 'dataset_missing' } as const;
      return { ...one, state: 'verification' } as const;
    });
    const underWay = candidates.slice(8).map(({ id }, at) => {
      return { id, stage: 'verification' as const, doing: `runs\u001b[2J\nthe baseline ${at}`, sinceMs: 1000 };
    });
    const standing = { inside: 3, waiting: 2, places: 4 };
    const snapshot = {
      candidates,
      underWay,
      spent: { ...NOTHING_SPENT, usd: 1.25, calls: 70 },
      questions: standing,
      sandboxes: standing,
      broken: 0,
      hasAllTopics: false,
    };
    const rest = projectRest({ settings, sandboxes: 4, price: null, candidates }).expected;
    const output = new Output(process.stdout, { NO_COLOR: '1' });
    const state = { snapshot, settings, rest, ended: 8, elapsedMs: 120_000, nowMs: 61_000, isEnding: false };
    const lines = synthFrame(state, 20, output);
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(lines[0]).toMatch(/^Synthesis: 30 of 40 candidates {2}2 min, about .* left, 4\.0 a minute$/);
    expect(lines).toContainEqual(expect.stringMatching(/^grounding +█+░+ 30\/30, 3 out$/));
    expect(lines).toContainEqual(expect.stringMatching(/^verification +█+░+ 5\/27, 22 now$/));
    expect(lines).toContain('5 published, 0 frontier, 3 rejected, 22 open');
    expect(lines).toContain('questions 3 of 4 (2 wait), sandboxes 3 of 4 (2 wait)');
    expect(lines).toContainEqual(expect.stringMatching(/^spent \$1\.25 of \$5\.00, /));
    expect(lines.at(-1)).toMatch(/^ {2}and \d+ more$/);
    expect(lines.join('')).not.toMatch(/[\n\u001b]/);
  });
});

describe('words of a synthesis', () => {
  it('say times and spending as people do', () => {
    expect([5, 89, 600, 8000, 200_000].map(longDuration)).toEqual(['5 s', '89 s', '10 min', '2.2 h', '2.3 days']);
    const settings = settingsOf({ budget: { tokens: 2_000_000, gpu_hours: 3 } });
    const spent = { ...NOTHING_SPENT, usd: 0.5, input_tokens: 1_500_000, calls: 3, sandbox_seconds: 30, gpu_hours: 1 };
    expect(spentLine(spent, settings)).toBe(
      '$0.50, 1.5M tokens of 2.0M, 3 questions, 30 s of sandboxes, 1.0 GPU-hours of 3',
    );
  });

  it('show no dollars where none are known, and the least where some are not', () => {
    const settings = settingsOf({ budget: { usd: 5 } });
    const line = (usd: number, unpriced_calls: number) =>
      spentLine({ ...NOTHING_SPENT, usd, unpriced_calls, calls: 7 }, settings);
    expect(line(0, 7)).toMatch(/^cost unknown, 0 tokens/);
    expect(line(1.5, 2)).toMatch(/^at least \$1\.50 of \$5\.00 \(2 questions without a known price\), /);
    expect(line(0, 0)).toMatch(/^\$0\.00 of \$5\.00, /);
  });

  it('reckon how many sandboxes a machine holds', () => {
    const machine = { cpus: 16, memoryBytes: 32 * GIB };
    expect(sandboxCount(settingsOf(), 0, machine)).toEqual({ count: 6, why: '32 GiB of memory, 4 GiB each' });
    const small = settingsOf({ environment: { memory_bytes: GIB, gpus: 1 } });
    expect(sandboxCount(small, 3, machine)).toEqual({ count: 3, why: '3 GPUs, 1 each' });
    expect(sandboxCount(settingsOf({ concurrency: { sandboxes: 40 } }), 0, machine).count).toBe(40);
    expect(sandboxCount(settingsOf(), 0, { cpus: 1, memoryBytes: GIB }).count).toBe(1);
  });
});
