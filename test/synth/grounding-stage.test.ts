import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import pRetry from 'p-retry';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import type { Candidate, DataFile, Grounding } from '../../src/synth/candidate.js';
import { Candidate as CandidateSchema } from '../../src/synth/candidate.js';
import { StageFault } from '../../src/synth/stage.js';
import {
  AnsweringTeacher,
  clientOf,
  ground,
  ownDirectory,
  planOf,
  proposed,
  shippedHub,
  suits,
  tableOf,
} from './grounding-fixture.js';

const PENGUINS = 'palmer-station/penguins';
const MEASURES = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g'];
const SPECIES = suits(planOf('species', MEASURES));

async function groundOne(
  candidate: Candidate,
  answers: object[],
  settings?: object,
): Promise<{ candidate: Candidate; teacher: AnsweringTeacher; directory: string }> {
  const server = await shippedHub();
  const directory = await ownDirectory();
  const hub = await clientOf(server.url, directory);
  const teacher = new AnsweringTeacher(answers);
  const ended = await ground(candidate, { hub, teacher, settings, directory });
  return { candidate: CandidateSchema.parse(JSON.parse(JSON.stringify(ended))), teacher, directory };
}

async function tables({ grounding }: Candidate): Promise<Record<'train' | 'test' | 'sample' | 'answers', string[][]>> {
  const at = (name: string) => tableOf(fileOf(grounding, name).host_path);
  const [train, test] = [await at('data/train.csv'), await at('data/test.csv')];
  return { train, test, sample: await at('sample_submission.csv'), answers: await at('answers.csv') };
}

function fileOf(grounding: Grounding | null, name: string): DataFile {
  const file = grounding?.files.find(({ path: place }) => place === name);
  if (!file) throw new Error(`The grounding has no ${name}`);
  return file;
}

const column = (table: string[][], at: number) => table.slice(1).map((row) => row[at] ?? '');

describe('a proposal whose dataset is real', () => {
  it('becomes training and test table, sample submission and hidden answers, with evidence [S3]', async () => {
    const { candidate } = await groundOne(proposed(PENGUINS), [SPECIES]);
    const { grounding } = candidate;
    expect(candidate.state).toBe('generation');
    expect(grounding?.files.map(({ path: place, is_hidden }) => [place, is_hidden])).toEqual([
      ['answers.csv', true],
      ['data/test.csv', false],
      ['data/train.csv', false],
      ['sample_submission.csv', false],
    ]);
    expect(grounding?.dataset).toMatchObject({
      repo: PENGUINS,
      requested: PENGUINS,
      is_substitute: false,
      licence: 'cc0-1.0',
    });
    expect(grounding?.dataset?.data_revision).toMatch(/^[0-9a-f]{40}$/);
    expect(grounding?.dataset?.samples).toHaveLength(5);
    const { train, test, sample, answers } = await tables(candidate);
    expect(train[0]).toEqual(['id', ...MEASURES, 'species']);
    expect(test[0]).toEqual(['id', ...MEASURES]);
    expect([sample[0], answers[0]]).toEqual([
      ['id', 'species'],
      ['id', 'species'],
    ]);
    expect([train.length - 1, test.length - 1]).toEqual([grounding?.train_rows, grounding?.test_rows]);
    expect(test.length / 344).toBeGreaterThan(0.2);
    const ids = [...column(train, 0), ...column(test, 0)].map(Number);
    expect([...ids].sort((a, b) => a - b)).toEqual(ids.map((_, at) => at));
    expect(column(answers, 0)).toEqual(column(test, 0));
    expect(new Set(column(sample, 1))).toEqual(new Set(['Adelie']));
    for (const file of grounding?.files ?? []) expect((await stat(file.host_path)).size).toBe(file.bytes);
  });

  it('keeps labels and order of the rows away from what the agent sees [S3]', async () => {
    const { candidate, directory } = await groundOne(proposed(PENGUINS), [SPECIES]);
    const { test, answers, train } = await tables(candidate);
    // The dataset is sorted by species; runs of one species in the order of ids would tell it.
    const runs = column(answers, 1).filter((species, at, all) => species !== all[at - 1]).length;
    expect(runs).toBeGreaterThan(20);
    const inputs = (table: string[][], end?: number) => table.slice(1).map((row) => row.slice(1, end).join());
    expect(inputs(test).filter((row) => inputs(train, -1).includes(row))).toEqual([]);
    const visible = candidate.grounding?.files.filter(({ is_hidden }) => !is_hidden) ?? [];
    const hidden = fileOf(candidate.grounding, 'answers.csv').host_path;
    expect(visible.some(({ host_path }) => path.dirname(host_path) === path.dirname(hidden))).toBe(false);
    const documentation = candidate.grounding?.documentation ?? '';
    for (const secret of ['answers.csv', directory, PROJECT_ROOT, 'seed']) expect(documentation).not.toContain(secret);
    expect(documentation).toContain('cc0-1.0');
    expect(documentation).toMatch(/- bill_length_mm \(float64\): .* to .*, mean/);
    expect(documentation).toMatch(/- species \(string\): the target, a class; 3 values: Adelie \(\d+\)/);
    expect(documentation).toContain('id,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,species\n');
  });

  it('gives the same bytes again, and others for another seed [S3] [S8]', async () => {
    const contents = async (candidate: Candidate) =>
      Promise.all((candidate.grounding?.files ?? []).map(({ host_path }) => readFile(host_path, 'utf8')));
    const [one, same, other] = await Promise.all([
      groundOne(proposed(PENGUINS), [SPECIES]),
      groundOne(proposed(PENGUINS), [SPECIES]),
      groundOne({ ...proposed(PENGUINS), seed: 8 }, [SPECIES]),
    ]);
    expect(await contents(same.candidate)).toEqual(await contents(one.candidate));
    expect(await contents(other.candidate)).not.toEqual(await contents(one.candidate));
  });

  it('is made once, also when two processes make it, and leaves nothing behind that is not complete [S8]', async () => {
    const server = await shippedHub();
    const directory = await ownDirectory();
    const hub = await clientOf(server.url, directory);
    const both = await Promise.all(
      [1, 2].map(() => ground(proposed(PENGUINS), { hub, teacher: new AnsweringTeacher([SPECIES]), directory })),
    );
    expect(both[0]).toEqual(both[1]);
    const asked = server.requests.length;
    const again = await ground(proposed(PENGUINS), { hub, teacher: new AnsweringTeacher([SPECIES]), directory });
    expect(again).toEqual(both[0]);
    expect(server.requests.length).toBe(asked);
    expect(await readdir(path.join(directory, 'cache/data'))).toHaveLength(1);
  });

  it('shows the teacher what is there, and asks again when the answer names what is not [S3]', async () => {
    const wrong = suits(planOf('beak', ['bill_length_mm', 'species', 'species']));
    const { candidate, teacher } = await groundOne(proposed(PENGUINS), [wrong, SPECIES]);
    expect(candidate.state).toBe('generation');
    expect(teacher.asked.map(({ key, prompt }) => [key, prompt])).toEqual([
      ['design/1', 'design'],
      ['design/2', 'design'],
    ]);
    expect(JSON.stringify(teacher.asked[0]?.variables)).toContain('bill_length_mm');
    expect(String(teacher.asked[1]?.variables.faults)).toMatch(/no column "beak".*named twice/);
  });

  it('turns pictures into files that cells name [S3]', async () => {
    const plan = planOf('label', ['image']);
    const { candidate } = await groundOne(proposed('open-textures/surface-patches'), [suits(plan)]);
    const { train, test } = await tables(candidate);
    for (const [id, cell] of [...train.slice(1), ...test.slice(1)]) expect(cell).toBe(`data/images/${id}.png`);
    expect(new Set(column(train, 2))).toEqual(new Set(['brick', 'grass', 'gravel']));
    const pictures = candidate.grounding?.files.filter(({ path: place }) => place.startsWith('data/images/')) ?? [];
    expect(pictures).toHaveLength(train.length + test.length - 2);
    const [first] = pictures;
    expect((await readFile(first?.host_path ?? '')).subarray(1, 4).toString()).toBe('PNG');
    expect(pictures.every(({ is_hidden }) => !is_hidden)).toBe(true);
  });

  it('holds out later rows, or whole groups, where the plan says so [S3]', async () => {
    const series = planOf('value', ['year'], { target_kind: 'number', split: { method: 'temporal', by: 'year' } });
    const later = await groundOne(proposed('statsmodels-archive/univariate-series'), [suits(series, 'sunspots')]);
    const { train, test, sample } = await tables(later.candidate);
    expect(Math.max(...column(train, 1).map(Number))).toBeLessThan(Math.min(...column(test, 1).map(Number)));
    expect(Number.isFinite(Number(sample[1]?.[1]))).toBe(true);
    const speeches = planOf('party', ['president', 'year'], { split: { method: 'group', by: 'president' } });
    const apart = await groundOne(proposed('us-congress/state-of-the-union'), [suits(speeches)]);
    const both = await tables(apart.candidate);
    const held = new Set(column(both.test, 1));
    expect(held.size).toBeGreaterThan(1);
    expect(column(both.train, 1).some((president) => held.has(president))).toBe(false);
  });

  it('keeps at most as many rows as the settings say, and writes nested values as JSON [S3]', async () => {
    const inputs = ['location', 'networks', 'stations', 'felt', 'time'];
    const plan = planOf('magnitude', inputs, { target_kind: 'number' });
    const settings = { max_rows: 200, test_share: 0.5 };
    const { candidate } = await groundOne(proposed('usgs-feeds/earthquakes-of-a-week'), [suits(plan)], settings);
    const { train_rows = 0, test_rows = 0 } = candidate.grounding ?? {};
    expect(train_rows + test_rows).toBeLessThanOrEqual(200);
    expect(test_rows).toBeGreaterThan(90);
    const text = await readFile(fileOf(candidate.grounding, 'data/train.csv').host_path, 'utf8');
    expect(text).toMatch(/"\{""latitude"":-?[\d.]+,""longitude"":-?[\d.]+,""depth_km"":-?[\d.]+\}"/);
    expect(text).toMatch(/,2018-0\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?,/);
  });

  it('keeps rows with equal inputs on one side, and loses none of them [S3]', async () => {
    const plan = planOf('mdvis', ['lncoins', 'idp', 'physlm', 'disea', 'hlthg'], { target_kind: 'number' });
    const { candidate } = await groundOne(proposed('rand-corporation/health-insurance'), [suits(plan)]);
    const { train_rows = 0, test_rows = 0 } = candidate.grounding ?? {};
    expect(train_rows + test_rows).toBe(20_000);
    expect(Math.abs(test_rows - 5000)).toBeLessThan(200);
    const { train, test } = await tables(candidate);
    const trained = new Set(train.slice(1).map((row) => row.slice(1, -1).join()));
    expect(test.slice(1).some((row) => trained.has(row.slice(1).join()))).toBe(false);
  });

  it('is found by a search where its name does not exist, and says so [S3]', async () => {
    const { candidate } = await groundOne(proposed('allison-horst/penguins-v2', 'palmer penguins'), [SPECIES]);
    expect(candidate.grounding?.dataset).toMatchObject({
      repo: PENGUINS,
      requested: 'allison-horst/penguins-v2',
      is_substitute: true,
    });
  });
});

describe('a proposal whose dataset cannot be used', () => {
  it.each([
    ['nobody/quantum-cheese-tasting', 'dataset_missing'],
    ['clinic-archive/fundus-photographs', 'dataset_gated'],
    ['lost-and-found/handwritten-letters', 'dataset_disabled'],
    ['library-mirror/all-the-books', 'dataset_too_large'],
    ['legacy-loaders/scripted-corpus', 'dataset_no_rows'],
    ['uoft-cs/cifar10', 'dataset_blocked'],
  ])('is rejected: %s is %s [S3]', async (id, reason) => {
    const { candidate, teacher } = await groundOne(proposed(id), []);
    expect(candidate).toMatchObject({ state: 'rejected', reason, grounding: null });
    expect(candidate.detail).toBeTruthy();
    expect(teacher.asked).toEqual([]);
  });

  it('is rejected where a substitute or the dataset is not allowed [S3] [S9]', async () => {
    const strict = await groundOne(proposed('allison-horst/penguins-v2', 'penguins'), [], { allow_substitutes: false });
    expect(strict.candidate).toMatchObject({ reason: 'dataset_missing' });
    const own = await groundOne(proposed('penguins'), [], { blocked: ['Palmer-Station/penguins'] });
    expect(own.candidate).toMatchObject({ reason: 'dataset_blocked' });
  });

  it.each([
    [
      'the teacher says so',
      [{ suitable: false, reason: 'it has no labels', config: null, split: null, plan: null }],
      /no labels/,
    ],
    ['its plan does not fit twice', [suits(planOf('a', ['b'])), suits(planOf('a', ['b']))], /no column "b"/],
    ['the answer cannot be read', [{ fault: { kind: 'malformed', detail: 'no JSON' } }], /no JSON/],
  ])('is unsuitable when %s [S3]', async (_, answers, detail) => {
    const { candidate } = await groundOne(proposed(PENGUINS), answers);
    expect(candidate).toMatchObject({ state: 'rejected', reason: 'dataset_unsuitable' });
    expect(candidate.detail).toMatch(detail);
  });

  it('is unsuitable when classes are as many as rows, or no number is one [S3]', async () => {
    const words = suits(planOf('word', ['valence']));
    const { candidate } = await groundOne(proposed('finn-nielsen/afinn-111'), [words]);
    expect(candidate).toMatchObject({ reason: 'dataset_unsuitable', detail: expect.stringContaining('no classes') });
    const felt = suits(planOf('felt', ['place'], { target_kind: 'number' }));
    const empty = await groundOne(proposed('usgs-feeds/earthquakes-of-a-week'), [felt]);
    expect(empty.candidate).toMatchObject({ detail: expect.stringContaining('is none in') });
  });

  it('is unsuitable when too few rows are left [S3]', async () => {
    const { candidate } = await groundOne(proposed(PENGUINS), [SPECIES], { max_rows: 30 });
    expect(candidate).toMatchObject({ reason: 'dataset_unsuitable', detail: expect.stringContaining('fewer than 50') });
  });
});

describe('a Hub that fails, and a run that is killed', () => {
  it('leave the candidate as it was, to be tried again [B3] [S8]', async () => {
    const server = await shippedHub();
    const directory = await ownDirectory();
    const hub = await clientOf(server.url, directory);
    server.failNext(Array(5).fill({ status: 503 }), /parquet/);
    const candidate = proposed(PENGUINS);
    const failed = ground(candidate, { hub, teacher: new AnsweringTeacher([]), directory });
    await expect(failed).rejects.toMatchObject({ name: 'StageFault', reason: 'hub_unavailable', isFatal: false });
    const later = await ground(candidate, { hub, teacher: new AnsweringTeacher([SPECIES]), directory });
    expect(later.state).toBe('generation');
  });

  it.each([1, 2, 3])('end the same under faults of every kind, by seed %i [B3]', async (seed) => {
    const rates = { server_error: 0.1, html: 0.05, not_ready: 0.05, cut: 0.1 };
    const [rough, calm] = [await shippedHub({ faults: { rates, seed } }), await shippedHub()];
    const ends: string[] = [];
    for (const server of [rough, calm]) {
      const directory = await ownDirectory();
      const hub = await clientOf(server.url, directory);
      const once = () => ground(proposed(PENGUINS), { hub, teacher: new AnsweringTeacher([SPECIES]), directory });
      const ended = await pRetry(once, {
        retries: 5,
        minTimeout: 1,
        shouldRetry: ({ error }) => error instanceof StageFault,
      });
      ends.push(JSON.stringify(ended).replaceAll(directory, ''));
    }
    expect(ends[0]).toBe(ends[1]);
    expect(rough.requests.length).toBeGreaterThan(calm.requests.length);
  });

  it.each([0, 1, 2, 3, 4])('end the same when killed at step %i, and ask the Hub nothing twice [S8]', async (step) => {
    const [server, whole] = [await shippedHub(), await shippedHub()];
    const [directory, other] = [await ownDirectory(), await ownDirectory()];
    const killed = new AbortController();
    let steps = 0;
    const tell = () => {
      if (steps++ === step) killed.abort(new Error('killed'));
    };
    const hub = await clientOf(server.url, directory);
    const facts = { directory, teacher: new AnsweringTeacher([SPECIES]) };
    await expect(ground(proposed(PENGUINS), { ...facts, hub, tell, signal: killed.signal })).rejects.toThrow('killed');
    const again = await clientOf(server.url, directory);
    const ended = await ground(proposed(PENGUINS), { ...facts, hub: again, teacher: new AnsweringTeacher([SPECIES]) });
    const undisturbed = await ground(proposed(PENGUINS), {
      directory: other,
      hub: await clientOf(whole.url, other),
      teacher: new AnsweringTeacher([SPECIES]),
    });
    expect(JSON.stringify(ended).replaceAll(directory, other)).toBe(JSON.stringify(undisturbed));
    const asked = server.requests.map(({ url }) => url).filter((url) => !/resolve|api.*convert|tree/.test(url));
    expect(new Set(asked).size).toBe(asked.length);
  });
});

describe('a proposal without a check', () => {
  it('goes on without files when it needs no dataset, and asks nobody [S3]', async () => {
    const { candidate, teacher } = await groundOne(proposed(null), []);
    expect(candidate).toMatchObject({
      state: 'generation',
      grounding: { dataset: null, files: [], documentation: '' },
    });
    expect(teacher.asked).toEqual([]);
  });

  it('is taken at its word where the check is switched off, but for datasets of benchmarks [S9]', async () => {
    const { candidate } = await groundOne(proposed('nobody/quantum-cheese-tasting'), [], { check: false });
    expect(candidate).toMatchObject({ state: 'generation', grounding: { dataset: null, plan: null, files: [] } });
    const blocked = await groundOne(proposed('zalando-datasets/fashion_mnist'), [], { check: false });
    expect(blocked.candidate).toMatchObject({ state: 'rejected', reason: 'dataset_blocked' });
  });
});
