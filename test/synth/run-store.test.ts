import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runningProcess } from '../../src/run/running-process.js';
import { settingsChanges } from '../../src/run/settings-changes.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import { newCandidates } from '../../src/synth/pipeline/new-candidate.js';
import { CandidateStore } from '../../src/synth/run/candidate-store.js';
import { mayChange } from '../../src/synth/run/may-change.js';
import { requeued } from '../../src/synth/run/requeue.js';
import { RunPlaces } from '../../src/synth/run/run-places.js';
import { withRun } from '../../src/synth/run/run-store.js';
import { StageCosts } from '../../src/synth/run/stage-costs.js';
import type { SynthSettings } from '../../src/synth/settings.js';
import { inDirectory, settingsOf } from './pipeline-harness.js';

const TOPIC = {
  title: 'Überraschung: Äpfel / 2',
  summary: '',
  area: 'a',
  modality: 'm',
  problem: 'p',
  constraint: 'c',
};
const PROMPTS = { proposal: '1 abc' };

function open(directory: string, settings: SynthSettings, prompts: Record<string, string> = PROMPTS) {
  return withRun(directory, { settings, prompts }, async (run) => run);
}

describe('the directory of a run', () => {
  it('is taken up with other budgets and places, refused with other settings or prompts, and the difference is told [S8, S9]', () =>
    inDirectory(async (directory) => {
      const settings = settingsOf({ seed: 1, gates: { review: true, triple: false } });
      const first = await open(directory, settings);
      expect([first.isResumed, first.manifest.ablations]).toEqual([false, ['gate triple off']]);
      const freer = settingsOf({
        seed: 1,
        gates: { review: true, triple: false },
        budget: { usd: 5 },
        concurrency: { candidates: 3 },
        teachers: [{ model: 'scripted', base_url: 'http://127.0.0.1:9/v1' }],
      });
      const again = await open(directory, freer);
      expect([again.isResumed, again.manifest.settings.budget.usd, again.manifest.created_at]).toEqual([
        true,
        5,
        first.manifest.created_at,
      ]);
      const other = { ...settings, seed: 2, hub: { ...settings.hub, max_rows: 7 } };
      await expect(open(directory, other, { proposal: '2 def' })).rejects.toThrow(
        [
          `${directory} was begun with other settings:`,
          '  hub.max_rows: was 20000, is 7',
          '  seed: was 1, is 2',
          '  the prompt proposal: was "1 abc", is "2 def"',
        ].join('\n'),
      );
    }));

  it('belongs to one process at a time, and to nobody once that has ended', () =>
    inDirectory(async (directory) => {
      const places = new RunPlaces(directory);
      await withRun(directory, { settings: settingsOf(), prompts: PROMPTS }, async () => {
        expect(await runningProcess(places.root)).toBe(process.pid);
        await expect(open(directory, settingsOf())).rejects.toThrow(`Another process works on ${directory}.`);
      });
      expect(await runningProcess(places.root)).toBeNull();
      expect((await open(directory, settingsOf())).isResumed).toBe(true);
    }));

  it('is never made of a directory that holds other things', () =>
    inDirectory(async (directory) => {
      await writeFile(path.join(directory, 'thesis.tex'), 'x');
      await expect(open(directory, settingsOf())).rejects.toThrow('is no run: it holds thesis.tex and no run.json');
      expect(await readFile(path.join(directory, 'thesis.tex'), 'utf8')).toBe('x');
    }));

  it('tells which of its files is damaged or foreign [B1]', () =>
    inDirectory(async (directory) => {
      const places = new RunPlaces(directory);
      const store = new CandidateStore(places);
      const [one] = newCandidates({ number: 7, topic: TOPIC }, settingsOf());
      await store.save(one!);
      await mkdir(places.candidate('0009-1-begun-and-killed'), { recursive: true });
      expect(await store.load()).toEqual([one]);
      const file = path.join(places.candidate(one!.id), 'candidate.json');
      for (const [text, problem] of [
        ['{"version":1', /candidate\.json is damaged: /],
        [JSON.stringify({ ...one, state: 'flying' }), /candidate\.json is no candidate of this version: state: /],
        [
          JSON.stringify({ ...one, id: '0001-1-x' }),
          /candidate\.json is the candidate 0001-1-x, which belongs elsewhere/,
        ],
      ] as const) {
        await writeFile(file, text);
        await expect(store.load()).rejects.toThrow(problem);
      }
      await writeFile(places.manifest, '{}');
      await expect(open(directory, settingsOf())).rejects.toThrow(/run\.json is no run of this version: version/);
    }));

  it('keeps the last of many saves whole, and nothing beside it', () =>
    inDirectory(async (directory) => {
      const places = new RunPlaces(directory);
      const store = new CandidateStore(places);
      const [one] = newCandidates({ number: 1, topic: TOPIC }, settingsOf());
      await Promise.all(Array.from({ length: 50 }, (_, retries) => store.save({ ...one!, retries })));
      expect((await store.load())[0]?.retries).toBe(49);
      expect(await readdir(places.candidate(one!.id))).toEqual(['candidate.json']);
    }));

  it('forgets nothing of what stages took', () =>
    inDirectory(async (directory) => {
      const file = path.join(directory, 'spending.json');
      const costs = await StageCosts.open(file);
      const spent = { ...NOTHING_SPENT, usd: 1, unpriced_calls: 2, calls: 4, gpu_hours: 6 };
      costs.add('proposal', spent, 7);
      costs.add('proposal', spent, 7);
      await costs.flush();
      const again = await StageCosts.open(file);
      expect(again.stages.get('proposal')).toMatchObject({
        runs: 2,
        wall_seconds: 14,
        spent: { usd: 2, unpriced_calls: 4, gpu_hours: 12 },
      });
    }));
});

describe('candidates', () => {
  it('have ids that are file names, and seeds that follow from run and id', () => {
    const settings = settingsOf({ tasks_per_topic: 2 });
    const [one, two] = newCandidates({ number: 7, topic: TOPIC }, settings);
    expect([one?.id, two?.id]).toEqual(['0007-1-uberraschung-apfel-2', '0007-2-uberraschung-apfel-2']);
    expect(one?.seed).not.toBe(two?.seed);
    expect(newCandidates({ number: 7, topic: TOPIC }, settings)).toEqual([one, two]);
    expect(newCandidates({ number: 7, topic: TOPIC }, { ...settings, seed: 5 })[0]?.seed).not.toBe(one?.seed);
    expect(newCandidates({ number: 1, topic: { ...TOPIC, title: '円' } }, settings)[0]?.id).toBe('0001-1-topic');
  });

  it('go back before the stage that others ended, and only those', () => {
    const [one] = newCandidates({ number: 1, topic: TOPIC }, settingsOf());
    const ended = {
      ...one!,
      state: 'rejected',
      ended_in: 'grounding',
      reason: 'hub_unavailable',
      detail: 'x',
    } as const;
    expect(requeued(ended, ['hub_unavailable'])).toEqual({ ...one, state: 'grounding' });
    expect(requeued(ended, ['teacher_unavailable'])).toBeNull();
    expect(requeued(one!, ['hub_unavailable'])).toBeNull();
  });
});

describe('changes of settings', () => {
  it('are told by their paths, within lists too', () => {
    const was = settingsOf({ teachers: [{ model: 'a' }, { model: 'b' }] });
    const is = settingsOf({ teachers: [{ model: 'a', weight: 2 }] });
    expect(settingsChanges(was, is).map(({ path }) => path)).toEqual(['teachers.0.weight', 'teachers.1']);
    expect(settingsChanges(was, was)).toEqual([]);
  });

  it('let a run have more topics, not fewer', () => {
    const [few, many] = [settingsOf({ topics: 3 }), settingsOf({ topics: 30 })];
    expect(settingsChanges(few, many).map(mayChange)).toEqual([true]);
    expect(settingsChanges(many, few).map(mayChange)).toEqual([false]);
  });
});
