import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printHistogram } from '../../src/cli/dataset/text-histogram.js';
import { Output } from '../../src/cli/output.js';
import { DatasetSettings, PRESETS } from '../../src/rollout/dataset/dataset-settings.js';
import { TrajectorySelector } from '../../src/rollout/dataset/select-trajectories.js';
import { quantiles } from '../../src/rollout/dataset/stats/quantiles.js';
import { TrajectoryStats } from '../../src/rollout/dataset/stats/trajectory-stats.js';
import type { LabelledFile } from '../../src/rollout/labels/labelled-file.js';
import type { Labels } from '../../src/rollout/labels/labels.js';
import { labelsOf } from './labels-of.js';

function fileOf(id: string, given: Partial<Labels> = {}): LabelledFile {
  return {
    id,
    file: `/r/${id}.traj`,
    labels: labelsOf({ fingerprint: id, ...given }),
    turns: { ends: [1000], losses: [100] },
    sha256: 'ab'.repeat(32),
    bytes: 100,
    fault: null,
  };
}

/** What `Output` writes, as one text. */
function printed(print: (output: Output) => void): string {
  const texts: string[] = [];
  const stream = { write: (text: string) => texts.push(text) > 0 } as unknown as NodeJS.WritableStream;
  print(new Output(stream, {}));
  return texts.join('');
}

const FILES = [
  fileOf('a', { tokens: 10, best: 0.6 }),
  fileOf('b', { tokens: 60_000, best: 0.9 }),
  fileOf('c', { tokens: 30, valid: 0, improves: false, complete: false, steps: 50, best: null, improvement: null }),
  fileOf('d', { tokens: 40, improves: false, improvement: -0.1, task: 'lab/pears-v1', model: 'other' }),
  fileOf('e', { cheating: true, exit_status: 'max_steps' }),
];

describe('statistics of trajectories', () => {
  it('say what each preset would keep, as a build of it would [T4]', () => {
    const settings = DatasetSettings.parse({ sources: ['r'], held_out: 0, filter: { k: 1 } });
    const stats = new TrajectoryStats(settings);
    for (const file of FILES) stats.add(file);
    stats.add({ id: 'x', file: '/r/x.traj', fault: 'x is no trajectory' });
    const report = stats.report();
    expect(report.presets.map(({ preset, kept, tasks, tokens }) => [preset, kept, tasks, tokens])).toEqual([
      ['paper', 2, 2, 50],
      ['none', 4, 2, 60_080],
      ['complete', 3, 2, 60_050],
      ['success', 3, 2, 60_050],
      ['improves', 2, 1, 60_010],
      ['top-k', 2, 2, 60_040],
    ]);
    for (const { preset, kept, expression, dropped } of report.presets) {
      const selector = new TrajectorySelector({ ...settings, filter: { ...settings.filter, preset } });
      for (const file of FILES) selector.add(file);
      selector.add({ id: 'x', file: '/r/x.traj', fault: 'x is no trajectory' });
      expect(selector.select().tally()).toMatchObject({ kept, expression, dropped });
    }
    expect(report).toMatchObject({
      preset: 'paper',
      trajectories: 6,
      kept: 2,
      rejects: '!infrastructure && !cheating && control_tokens == 0 && identity == 0',
      tokens: { min: 10, median: 40, max: 60_000 },
      valid_per_task: { min: 1, median: 1, max: 3 },
      unreadable: [{ file: '/r/x.traj', fault: 'x is no trajectory' }],
      models: [
        { model: 'other', trajectories: 1 },
        { model: 'teacher', trajectories: 4 },
      ],
    });
  });

  it('count what gives no row as a build does, and say when tokens are estimated [T3]', () => {
    const stats = new TrajectoryStats(DatasetSettings.parse({ sources: ['r'] }));
    stats.add({ ...fileOf('a', { tokens_exact: false }), turns: { ends: [40_000], losses: [100] } });
    expect(stats.report()).toMatchObject({ kept: 0, dropped: { no_turn: 1 }, tokens_exact: false });
  });

  it('are there for nothing at all', () => {
    const report = new TrajectoryStats(DatasetSettings.parse({ sources: ['r'] })).report();
    expect(report).toMatchObject({ trajectories: 0, tokens: null, steps: null, valid_per_task: null });
    expect(report.presets.map(({ preset, kept }) => [preset, kept])).toEqual(PRESETS.map((preset) => [preset, 0]));
  });

  it('spread numbers by nearest rank', () => {
    expect(quantiles([])).toBeNull();
    expect(quantiles([7])).toEqual({ min: 7, p10: 7, median: 7, p90: 7, max: 7 });
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), (numbers) => {
        const { min, p10, median, p90, max } = quantiles(numbers)!;
        expect([min, max].map((x) => x + 0)).toEqual([Math.min(...numbers) + 0, Math.max(...numbers) + 0]);
        for (const [share, value] of [
          [0.1, p10],
          [0.5, median],
          [0.9, p90],
        ] as const) {
          expect(numbers.filter((number) => number <= value).length).toBeGreaterThanOrEqual(share * numbers.length);
          expect(numbers.filter((number) => number < value).length).toBeLessThan(share * numbers.length);
        }
      }),
    );
  });
});

describe('a distribution in a terminal', () => {
  it('shows some of what is kept and of what is dropped, however few they are, and no empty ends', () => {
    const bins = [
      { from: 0, below: 1, kept: 0, dropped: 0 },
      { from: 1, below: 2, kept: 1, dropped: 999 },
      { from: 2, below: 3, kept: 0, dropped: 0 },
      { from: 3, below: 4, kept: 999, dropped: 1 },
      { from: 4, below: null, kept: 0, dropped: 0 },
    ];
    const lines = printed((output) => printHistogram('Steps', bins, String, output))
      .trimEnd()
      .split('\n');
    expect(lines).toEqual([
      'Steps  █ kept  ░ dropped',
      `      <2     1000  █${'░'.repeat(59)}`,
      '      <3        0',
      `      <4     1000  ${'█'.repeat(59)}░`,
    ]);
    expect(printed((output) => printHistogram('Steps', bins.slice(0, 1), String, output))).toBe('');
  });
});
