import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetSettings, PRESETS } from '../../src/rollout/dataset/dataset-settings.js';
import { TrajectorySelector } from '../../src/rollout/dataset/select-trajectories.js';
import { Selection } from '../../src/rollout/dataset/selection/selection.js';
import { splitTasks } from '../../src/rollout/dataset/selection/split-tasks.js';
import { topicCluster } from '../../src/rollout/dataset/selection/topic-cluster.js';
import type { UnreadableFile } from '../../src/rollout/labels/labelled-file.js';
import type { LabelledTrajectory, Labels } from '../../src/rollout/labels/labels.js';
import { labelsOf } from './labels-of.js';

type GivenSettings = Partial<Record<keyof DatasetSettings, unknown>>;
type Item = (LabelledTrajectory & { fault?: null }) | UnreadableFile;

function settingsOf(given: GivenSettings = {}): DatasetSettings {
  return DatasetSettings.parse({ sources: ['run'], ...given });
}

function itemOf(id: string, given: Partial<Labels> = {}): Item {
  return { id, file: `/run/${id}.traj`, labels: labelsOf({ fingerprint: id, ...given }) };
}

function select(
  items: readonly Item[],
  given: GivenSettings = {},
  hasTurn?: (item: LabelledTrajectory) => boolean,
): Selection {
  const selector = new TrajectorySelector(settingsOf(given), hasTurn);
  for (const item of items) selector.add(item);
  return selector.select();
}

const keptIds = (selection: Selection) => selection.kept.map(({ id }) => id);

const TASKS = ['lab/plums-1-v1', 'lab/plums-1-2-v1', 'lab/pears-2-v1', 'lab/pears-2-v2', 'ref/figs-v1', 'ref/nuts-v1'];

const items: fc.Arbitrary<Item[]> = fc
  .array(
    fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      {
        weight: 20,
        arbitrary: fc.record({
          task: fc.constantFrom(...TASKS),
          valid: fc.nat({ max: 2 }),
          best: fc.option(fc.constantFrom(0, 0.25, 0.5, 1)),
          improves: fc.boolean(),
          complete: fc.boolean(),
          infrastructure: fc.boolean(),
          cheating: fc.boolean(),
          identity: fc.nat({ max: 1 }),
          control_tokens: fc.nat({ max: 1 }),
          tokens: fc.constantFrom(100, 40_000, 49_152, 49_153, 200_000),
          steps: fc.nat({ max: 60 }),
          direction: fc.constantFrom('maximize' as const, 'minimize' as const, null),
          improvement: fc.option(fc.constantFrom(-2, -0.05, 0, 0.01, 3)),
          exit_status: fc.constantFrom('submitted', 'max_steps'),
          model: fc.constantFrom('a', 'b'),
          fingerprint: fc.constantFrom('x', 'y', 'z'),
        }),
      },
    ),
    { maxLength: 60 },
  )
  .map((all) =>
    all.map((labels, at) =>
      labels === null ? { id: `r/${at}`, file: `/${at}`, fault: 'broken' } : itemOf(`r/${at}`, labels),
    ),
  );

const settings = fc.record({
  seed: fc.nat({ max: 3 }),
  filter: fc.record({
    preset: fc.constantFrom(...PRESETS),
    k: fc.integer({ min: 1, max: 4 }),
    rejects: fc.subarray(['infrastructure', 'cheating', 'control_tokens', 'identity'] as const),
    where: fc.constantFrom(null, 'steps <= 30', 'model == "a" && (steps > 3 || improves)'),
    max_tokens: fc.constantFrom(null, 40_000),
  }),
  per_task: fc.constantFrom(null, 1, 3),
  per_task_order: fc.constantFrom('random' as const, 'best' as const, 'shortest' as const),
  duplicates: fc.constantFrom('drop' as const, 'keep' as const),
  held_out: fc.constantFrom(0, 0.1, 0.5, 1),
});

describe('selecting trajectories', () => {
  it('gives each exactly one fate, and counts that add up [T4] [T6]', () => {
    fc.assert(
      fc.property(items, settings, (items, settings) => {
        const selection = select(items, settings);
        const tally = selection.tally();
        const fates = items.map(({ id }) => selection.fateOf(id));
        expect(tally.trajectories).toBe(items.length);
        expect(tally.kept).toBe(fates.filter((fate) => fate === null).length);
        expect(keptIds(selection).sort()).toEqual(
          items
            .map(({ id }) => id)
            .filter((id) => selection.fateOf(id) === null)
            .sort(),
        );
        for (const [drop, count] of Object.entries(tally.dropped)) {
          expect(count).toBe(fates.filter((fate) => fate === drop).length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order in which trajectories come [T4]', () => {
    fc.assert(
      fc.property(items, settings, fc.nat(), (items, settings, salt) => {
        const shuffled = [...items].sort((a, b) => hash(`${salt}${a.id}`) - hash(`${salt}${b.id}`));
        const [one, two] = [select(items, settings), select(shuffled, settings)];
        expect(two.kept).toEqual(one.kept);
        expect(two.tally()).toEqual(one.tally());
        for (const { id } of items) expect(two.fateOf(id)).toBe(one.fateOf(id));
      }),
      { numRuns: 300 },
    );
  });

  it('holds caps: one of equal episodes, k of a task, as many of a task as allowed [T4]', () => {
    fc.assert(
      fc.property(items, settings, (items, settings) => {
        const { kept } = select(items, settings);
        const labels = new Map(items.map((item) => [item.id, 'labels' in item ? item.labels : null]));
        const most = (keys: string[]) =>
          Math.max(0, ...[...new Set(keys)].map((key) => keys.filter((k) => k === key).length));
        const tasks = kept.map(({ task }) => task);
        if (settings.per_task !== null) expect(most(tasks)).toBeLessThanOrEqual(settings.per_task);
        if (settings.filter.preset === 'top-k') expect(most(tasks)).toBeLessThanOrEqual(settings.filter.k);
        if (settings.duplicates === 'drop') {
          expect(most(kept.map(({ id, task }) => `${task} ${labels.get(id)!.fingerprint}`))).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nests presets: the best k are valid ones, valid ones are among all, short valid ones among valid ones [T4]', () => {
    fc.assert(
      fc.property(items, settings, (items, { seed, filter }) => {
        const of = (preset: (typeof PRESETS)[number]) =>
          new Set(keptIds(select(items, { seed, filter: { ...filter, preset }, duplicates: 'keep' })));
        expect([...of('top-k')].filter((id) => !of('success').has(id))).toEqual([]);
        for (const preset of PRESETS) expect([...of(preset)].filter((id) => !of('none').has(id))).toEqual([]);
        expect([...of('paper')].filter((id) => !of('success').has(id))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('splits by task: no task and no topic on both sides, something to train on [T5]', () => {
    fc.assert(
      fc.property(items, settings, (items, settings) => {
        const { kept } = select(items, settings);
        for (const key of [(task: string) => task, topicCluster]) {
          const sides = new Map<string, Set<string>>();
          for (const { task, split } of kept) sides.set(key(task), (sides.get(key(task)) ?? new Set()).add(split));
          expect([...sides.values()].every(({ size }) => size === 1)).toBe(true);
        }
        if (kept.length > 0) expect(kept.some(({ split }) => split === 'train')).toBe(true);
        if (settings.held_out === 0) expect(kept.every(({ split }) => split === 'train')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('counts a drop under the first part of the filter that does not hold [T4]', () => {
    const selection = select(
      [
        itemOf('a'),
        itemOf('b', { cheating: true, valid: 0, tokens: 99_999 }),
        itemOf('c', { valid: 0, tokens: 99_999 }),
        itemOf('d', { tokens: 99_999, steps: 50 }),
        itemOf('e', { steps: 50, model: 'other' }),
        itemOf('f', { model: 'other' }),
        { id: 'g', file: '/g', fault: 'broken' },
      ],
      { filter: { where: 'steps <= 40 && model == "teacher"' } },
    );
    expect(selection.tally()).toMatchObject({
      trajectories: 7,
      kept: 1,
      dropped: { cheating: 1, preset: 1, too_long: 1, where: 2, unreadable: 1 },
      clauses: [
        { clause: 'valid >= 1', dropped: 1 },
        { clause: 'steps <= 40', dropped: 1 },
        { clause: 'model == "teacher"', dropped: 1 },
      ],
      tasks: [{ task: 'lab/plums-v1', trajectories: 6, valid: 4, kept: 1 }],
    });
  });

  it('keeps of equal episodes the best, then the shortest [T4]', () => {
    const same = { fingerprint: 'same' };
    const best = select([
      itemOf('a', { ...same, best: 0.7, tokens: 10 }),
      itemOf('b', { ...same, best: 0.8, tokens: 30 }),
      itemOf('c', { ...same, best: 0.8, tokens: 20 }),
      itemOf('d', { ...same, best: null, tokens: 1 }),
      itemOf('e', { ...same, task: 'lab/other-v1', best: 0.1 }),
    ]);
    expect(keptIds(best)).toEqual(['e', 'c']);
    const least = { ...same, direction: 'minimize' as const };
    expect(keptIds(select([itemOf('a', { ...least, best: 0.7 }), itemOf('b', { ...least, best: 0.8 })]))).toEqual([
      'a',
    ]);
  });

  it('keeps the best k in the direction of the task [T4]', () => {
    const scores = (direction: Labels['direction']) =>
      [3, 1, 2, 5, 4].map((best) => itemOf(`${best}`, { best, direction, task: 'a/b-v1' }));
    const top = { filter: { preset: 'top-k', k: 2 } };
    expect(keptIds(select(scores('maximize'), top))).toEqual(['4', '5']);
    expect(keptIds(select(scores('minimize'), top))).toEqual(['1', '2']);
    expect(select(scores('minimize'), top).tally().dropped).toEqual({ top_k: 3 });
  });

  it('caps tasks by chance, by score or by length [T4]', () => {
    const many = Array.from({ length: 40 }, (_, at) => itemOf(`t${at + 10}`, { best: at, tokens: 1000 - at }));
    const cap = (order: string, seed = 0) => keptIds(select(many, { per_task: 3, per_task_order: order, seed }));
    expect(cap('best')).toEqual(['t47', 't48', 't49']);
    expect(cap('shortest')).toEqual(['t47', 't48', 't49']);
    expect(cap('random')).toEqual(cap('random'));
    expect(cap('random')).not.toEqual(cap('random', 1));
  });

  it('asks for a turn before it compares, and takes out later what gives no row after all [T4]', () => {
    const many = [itemOf('a', { best: 0.9 }), itemOf('b', { best: 0.8 }), itemOf('c', { best: 0.7 })];
    const selection = select(many, { per_task: 1, per_task_order: 'best' }, ({ id }) => id !== 'a');
    expect(keptIds(selection)).toEqual(['b']);
    selection.dropNoTurn('b');
    expect(selection.tally()).toMatchObject({ kept: 0, dropped: { no_turn: 2, per_task: 1 } });
    expect(() => selection.dropNoTurn('b')).toThrow('was not kept');
    expect(() => selection.fateOf('x')).toThrow('No trajectory x');
  });

  it('refuses two trajectories of one name, and counts that do not add up', () => {
    expect(() => select([itemOf('a'), itemOf('a')])).toThrow('Two trajectories are called a');
    const facts = [{ id: 'a', file: '/a', labels: null, isValid: false, score: null, drop: null, clause: null }];
    const wrong = new Selection(facts, new Map([['a', null]]), new Map(), 'true', []);
    expect(() => wrong.tally()).toThrow('do not add up');
  });

  it('counts what is exactly at the baseline apart, and every value somewhere', () => {
    const { distributions } = select(
      [-7, -0.05, 0, 0, 1e-9, 1, 40].map((improvement, at) => itemOf(`${at}`, { improvement, tokens: at * 20_000 })),
      { filter: { preset: 'none' } },
    ).tally();
    const counted = distributions.improvement.map(({ from, below, kept }) => [from, below, kept]);
    expect(counted.filter(([, , kept]) => kept !== 0)).toEqual([
      [null, -1, 1],
      [-0.05, 0, 1],
      [0, 0, 2],
      [0, 0.05, 1],
      [1, null, 2],
    ]);
    expect(distributions.tokens.at(-1)).toEqual({ from: 65_536, below: null, kept: 3, dropped: 0 });
  });
});

describe('splitting tasks', () => {
  it('keeps tasks of one topic and versions of one task together [T5]', () => {
    const groups: [string, string][] = [
      ['synth/plum-sizes-17-v1', 'synth#17'],
      ['synth/plum-colours-17-2-v1', 'synth#17'],
      ['synth/plum-colours-17-2-0a1b2c3d-v1', 'synth#17'],
      ['synth/plum-sizes-17-0a1b2c3d-v2', 'synth#17'],
      ['synth/plums-1-v1', 'synth#1'],
      ['reference/breast-cancer-v1', 'reference/breast-cancer'],
      ['reference/breast-cancer-v12', 'reference/breast-cancer'],
      ['imageClassificationCifar10', 'imageClassificationCifar10'],
    ];
    for (const [task, cluster] of groups) expect([task, topicCluster(task)]).toEqual([task, cluster]);
  });

  it('holds out the share that was asked for, the same tasks under every filter and order [T5]', () => {
    const tasks = Array.from({ length: 200 }, (_, at) => `synth/task-${at + 1}-v1`);
    const testOf = (tasks: readonly string[], withRows: readonly string[], seed = 0) =>
      [...splitTasks(tasks, new Set(withRows), 0.1, seed)].flatMap(([task, split]) => (split === 'test' ? task : []));
    const all = testOf(tasks, tasks);
    expect(all).toHaveLength(20);
    expect(testOf([...tasks].reverse(), tasks.slice(0, 100)).sort()).toEqual([...all].sort());
    expect(testOf(tasks, tasks, 1)).not.toEqual(all);
  });

  it('takes whole topics while that comes nearer to the share [T5]', () => {
    const tasks = Array.from(
      { length: 12 },
      (_, at) => `synth/t-${Math.floor(at / 4) + 1}${at % 4 ? `-${(at % 4) + 1}` : ''}-v1`,
    );
    const count = (share: number) =>
      [...splitTasks(tasks, new Set(tasks), share, 5).values()].filter((s) => s === 'test').length;
    expect([0, 0.1, 0.2, 0.5, 0.9, 1].map(count)).toEqual([0, 0, 4, 4, 8, 8]);
  });
});

function hash(text: string): number {
  let sum = 7;
  for (const sign of text) sum = (sum * 31 + sign.charCodeAt(0)) % 1_000_003;
  return sum;
}
