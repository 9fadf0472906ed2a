import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loadPack } from '../../src/env/packs/pack.js';
import type { Candidate, Proposal } from '../../src/synth/candidate.js';
import { contaminationGate } from '../../src/synth/gates/contamination/contamination-gate.js';
import { findOverlap } from '../../src/synth/gates/contamination/find-overlap.js';
import { findRepeated } from '../../src/synth/gates/contamination/find-repeated.js';
import { goalOf } from '../../src/synth/gates/contamination/goal-of.js';
import { openContamination } from '../../src/synth/gates/contamination/open-contamination.js';
import { decodePrint, encodePrint } from '../../src/synth/gates/contamination/print-file.js';
import { printPack } from '../../src/synth/gates/contamination/print-pack.js';
import { wordGrams, wordsHash } from '../../src/synth/gates/contamination/word-grams.js';
import type { GateSubject } from '../../src/synth/gates/gate.js';
import type { Journal } from '../../src/synth/journal/journal.js';
import { EarlierProposals } from '../../src/synth/pipeline/earlier-proposals.js';
import { SynthSettings } from '../../src/synth/settings.js';
import { sampleCandidate, sampleProposal } from './sample-candidate.js';

const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-contamination-'));
afterAll(() => rm(root, { recursive: true }));
const PACK = path.resolve('packs/reference');

const proposalOf = (name: string, description: string): Proposal =>
  sampleProposal({ slug: 'one', name, description, approach_of_baseline: '', room_for_improvement: '' });

const candidateOf = (id: string, more: Partial<Candidate> = {}): Candidate =>
  sampleCandidate({ id, state: 'verification', ...more });

/** Answers are kept for as long as the test runs. */
function memoryJournal(): Journal {
  const kept = new Map<string, unknown>();
  return {
    async once<T>(key: string, _question: unknown, ask: () => Promise<T>) {
      if (kept.has(key)) return { answer: kept.get(key) as T, isKept: true };
      const answer = await ask();
      kept.set(key, answer);
      return { answer, isKept: false };
    },
  };
}

let directories = 0;
async function judge(
  proposal: Proposal,
  files: Record<string, string>,
  options: {
    earlier?: Proposal[];
    pack?: string;
    journal?: Journal;
    blocked?: string[];
    dataset?: string;
    config?: string;
    grounding?: unknown;
  } = {},
) {
  const directory = path.join(root, String(directories++));
  for (const [name, text] of Object.entries(files)) {
    const place = path.join(directory, 'attempts', '0', name.includes('/') ? name : `visible/${name}`);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
  }
  for (const audience of ['visible', 'hidden', 'checks']) {
    await mkdir(path.join(directory, 'attempts', '0', audience), { recursive: true });
  }
  const contamination = await openContamination({
    places: [],
    pack: options.pack ?? path.join(root, 'none'),
    journal: options.journal ?? memoryJournal(),
    earlier: async () => (options.earlier ?? []).map((earlier, at) => ({ id: `000${at}-1-x`, proposal: earlier })),
  });
  const settings = SynthSettings.parse({ teachers: [{ model: 'm' }], hub: { blocked: options.blocked ?? [] } });
  const ofDataset = options.dataset
    ? { dataset: { repo: options.dataset, requested: options.dataset, config: options.config ?? 'default' }, files: [] }
    : null;
  const grounding = options.grounding ?? ofDataset;
  return contaminationGate.judge({
    candidate: candidateOf('0009-1-x', { proposal, grounding: grounding as never }),
    attempt: { number: 0 },
    context: { settings, directory, contamination, signal: AbortSignal.timeout(60_000) },
  } as unknown as GateSubject);
}

const WHALES = proposalOf(
  'Whale songs by dialect',
  'Tell from half a second of spectrogram which of nine whale clans sang it, when only thirty recordings of each clan are labelled and their loudness varies.',
);
const HONEST = {
  'baseline.py': 'import csv\nprint("nothing much")\n',
  'evaluate.py': 'import json\nprint(json.dumps({}))\n',
};

test("each of MLGym's tasks is known by fingerprints that ship, and no text of them ships [S7]", async () => {
  const bytes = await readFile('fingerprints/mlgym.bin');
  const print = decodePrint(bytes);
  expect(print.name).toBe('MLGym');
  const names = print.tasks.map(({ name }) => name);
  for (const name of [
    '3SATTime',
    'battleOfSexes',
    'blotto',
    'imageCaptioningCOCO',
    'imageClassificationCifar10',
    'imageClassificationFMnist',
    'languageModelingFineWeb',
    'naturalLanguageInferenceMNLI',
    'prisonersDilemma',
    'regressionKaggleHousePrice',
    'rlBreakoutMinAtar',
    'rlMetaMaze',
    'rlMountainCarContinuous',
  ])
    expect(names).toContain(`mlgym/${name}-v0`);
  for (const { grams, description } of print.tasks) {
    expect(grams.size).toBeGreaterThan(200);
    expect(description).toMatch(/^[0-9a-f]{64}$/);
  }
  const head = bytes.subarray(0, bytes.indexOf('\n')).toString();
  expect(Object.keys(JSON.parse(head).tasks[0])).toEqual(['name', 'description', 'grams']);
});

test('a copied task is found by its description alone, and by a program of it alone [S7]', async () => {
  const benchmark = await printPack(PACK);
  for (const task of (await loadPack(PACK)).tasks) {
    const description = findOverlap([{ name: 'description', text: goalOf(task.config.description) }], [benchmark]);
    expect(description, task.envId).toMatchObject({ repeats: true });
    for (const name of ['baseline.py', 'evaluate.py']) {
      const file = task.starterFiles.find((one) => one.path === name);
      if (!file) continue;
      const text = (await readFile(file.hostPath, 'utf8')).replaceAll(/ *#.*$/gm, '').replaceAll('    ', '\t');
      const found = findOverlap([{ name, text }], [benchmark]);
      expect(found, `${task.envId} ${name}`).toMatchObject({ repeats: true, worst: { task: task.envId } });
    }
  }
});

test('honest tasks of a pack repeat neither MLGym nor each other [S7]', async () => {
  const mlgym = decodePrint(await readFile('fingerprints/mlgym.bin'));
  const { tasks } = await loadPack(PACK);
  const goals = tasks.map(({ envId, name, config }) => ({ id: envId, name, description: goalOf(config.description) }));
  for (const [at, task] of tasks.entries()) {
    const texts = [{ name: 'description', text: goals[at]!.description }];
    for (const file of task.starterFiles.filter(({ path: name }) => name.endsWith('.py')))
      texts.push({ name: file.path, text: await readFile(file.hostPath, 'utf8') });
    expect(findOverlap(texts, [mlgym]), task.envId).toBeNull();
    expect(
      findRepeated(
        goals[at]!,
        goals.filter((_, other) => other !== at),
      )?.repeats,
      task.envId,
    ).toBe(false);
  }
});

test('a new task passes, with what it is nearest to [S7]', async () => {
  const finding = await judge(WHALES, HONEST, {
    earlier: [
      proposalOf(
        'Bus delays',
        'Forecast how late the next bus is at each stop of a line from the last hour of positions.',
      ),
    ],
  });
  expect(finding).toMatchObject({ verdict: 'pass', measured: { compared_tasks: 1, nearest_task: '0000-1-x' } });
});

test('the words of an earlier proposal in another order are a near-duplicate [S7]', async () => {
  const earlier = proposalOf(
    'Dialects of whale song',
    'Given half a second of a spectrogram, tell which of nine whale clans sang; only thirty labelled recordings of each clan, whose loudness varies.',
  );
  expect(await judge(WHALES, HONEST, { earlier: [earlier] })).toMatchObject({
    verdict: 'fail',
    fault: 'near_duplicate',
    measured: { nearest_task: '0000-1-x' },
  });
});

test('a program of a benchmark under another description is an overlap, with the share of it [S7]', async () => {
  const { tasks } = await loadPack(PACK);
  const task = tasks.find(({ envId }) => envId.startsWith('reference/heartbeat'))!;
  const text = await readFile(task.starterFiles.find(({ path: name }) => name === 'baseline.py')!.hostPath, 'utf8');
  const finding = await judge(WHALES, { ...HONEST, 'baseline.py': `${text}\n# mine\n` });
  expect(finding).toMatchObject({
    verdict: 'fail',
    fault: 'benchmark_overlap',
    measured: { overlap_task: task.envId, overlap_text: 'baseline.py' },
  });
  expect(finding.detail).toContain(task.envId);
  expect(await judge(WHALES, { ...HONEST, 'checks/weak.py': text })).toMatchObject({ verdict: 'pass' });
});

test('of a code base, the files that an agent starts from count as well [S7, F1]', async () => {
  const task = (await loadPack(PACK)).tasks.find(({ envId }) => envId.startsWith('reference/throw'))!;
  const strategy = task.starterFiles.find(({ path: name }) => name === 'strategy.py')!.hostPath;
  const repository = { path: '', commit: '', editable: ['play.py'], entry_point: '', licence: null };
  const files = ['play.py', 'other.py'].map((name) => ({ path: `repository/${name}`, host_path: strategy }));
  const grounding = { dataset: null, repository, files };
  expect(await judge(WHALES, HONEST, { grounding })).toMatchObject({
    fault: 'benchmark_overlap',
    measured: { overlap_text: 'repository/play.py' },
  });
  const frozen = { ...grounding, files: files.slice(1) };
  expect(await judge(WHALES, HONEST, { grounding: frozen })).toMatchObject({ verdict: 'pass' });
});

test('a dataset of a benchmark fails, whatever else the task is [S7]', async () => {
  expect(await judge(WHALES, HONEST, { dataset: 'nyu-mll/glue', config: 'mnli' })).toMatchObject({
    fault: 'dataset_blocked',
  });
  expect(await judge(WHALES, HONEST, { dataset: 'someone/cifar10' })).toMatchObject({ fault: 'dataset_blocked' });
  expect(await judge(WHALES, HONEST, { dataset: 'a/whales', blocked: ['a/*'] })).toMatchObject({
    fault: 'dataset_blocked',
  });
});

test('a task is compared with the pack as it was when the run began, not with itself in it [S7, S8]', async () => {
  const pack = path.join(root, 'pack');
  const task = (await loadPack(PACK)).tasks.find(({ envId }) => envId.startsWith('reference/throw'))!;
  const same = proposalOf(task.name, goalOf(task.config.description));
  const journal = memoryJournal();
  const fresh = { benchmarks: [], earlier: [] };
  await cp(path.join(PACK, 'gymsmith'), path.join(pack, 'gymsmith'), { recursive: true });
  expect(await judge(WHALES, HONEST, { pack, journal })).toMatchObject({
    verdict: 'pass',
    measured: { compared_tasks: 0 },
  });
  await cp(PACK, pack, { recursive: true });
  expect(await judge(WHALES, HONEST, { pack, journal })).toMatchObject({
    measured: { compared_tasks: fresh.earlier.length },
  });
  expect(await judge(same, HONEST, { pack })).toMatchObject({
    fault: 'near_duplicate',
    measured: { nearest_task: task.envId },
  });
});

test('the words that every synthesized task ends with do not count as its goal [S7]', () => {
  expect(goalOf('Find {{x}}.\n\n{dataset_docs}baseline.py is a first solution to beat: run it.\n\nmore')).toBe(
    'Find {x}.',
  );
  expect(goalOf('Find it.\n\nbaseline.py is a first solution to beat: run it.')).toBe('Find it.');
  expect(goalOf('Before {dataset_docs} after')).toBe('Before \n after');
});

test('fingerprints survive the file, and a damaged one is told [S7]', () => {
  const gram = fc.integer({ min: 0, max: 2 ** 40 - 1 });
  const print = fc.record({
    name: fc.string(),
    tasks: fc.array(
      fc.record({
        name: fc.string(),
        description: fc.string().map(wordsHash),
        grams: fc.array(gram, { maxLength: 20 }).map((grams) => new Set(grams.sort((a, b) => a - b))),
      }),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(print, (one) => {
      const bytes = encodePrint(one);
      expect(decodePrint(bytes)).toEqual(one);
      if (one.tasks.some(({ grams }) => grams.size > 0))
        expect(() => decodePrint(bytes.subarray(0, -1))).toThrow('cut off');
    }),
  );
  expect(() => decodePrint(Buffer.from('{}\n'))).toThrow('no fingerprints');
});

test('grams of a text do not depend on layout, case and signs, and a longer text has those of its parts [S7]', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 40 });
  fc.assert(
    fc.property(words, words, (before, after) => {
      const plain = wordGrams(before.join(' '));
      expect(plain.size).toBeLessThanOrEqual(Math.max(0, before.length - 13));
      expect(wordGrams(before.map((word) => word.toUpperCase()).join('(\n\t'))).toEqual(plain);
      const whole = wordGrams([...before, ...after].join(' '));
      for (const gram of plain) expect(whole.has(gram)).toBe(true);
    }),
  );
});

test('earlier proposals are the same in whatever order candidates come along, and nobody waits for ever [S7, S8]', async () => {
  const ids = Array.from({ length: 8 }, (_, at) => `000${at}-1-x`);
  const order = fc.shuffledSubarray(ids, { minLength: ids.length });
  await fc.assert(
    fc.asyncProperty(order, fc.subarray(ids), fc.subarray(ids), async (shuffled, dying, stuck) => {
      const candidates = new Map(ids.map((id) => [id, candidateOf(id, { state: 'proposal' })]));
      const given = new Set<string>();
      const earlier = new EarlierProposals(candidates, (id) => given.has(id));
      const answers = ids.map((id) => earlier.of(id, AbortSignal.timeout(60_000)));
      for (const id of shuffled) {
        const ends = dying.includes(id) || stuck.includes(id);
        if (stuck.includes(id)) given.add(id);
        else if (ends) candidates.set(id, candidateOf(id, { state: 'rejected' }));
        else candidates.set(id, candidateOf(id, { state: 'grounding', proposal: proposalOf(id, id) }));
        earlier.changed();
      }
      const live = ids.filter((id) => !dying.includes(id) && !stuck.includes(id));
      for (const [at, answer] of answers.entries())
        expect((await answer).map(({ id }) => id)).toEqual(live.filter((id) => id < ids[at]!));
    }),
    { numRuns: 40 },
  );
  const never = new EarlierProposals(new Map([['0000', candidateOf('0000', { state: 'proposal' })]]), () => false);
  const stop = new AbortController();
  const waiting = never.of('0001', stop.signal);
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
