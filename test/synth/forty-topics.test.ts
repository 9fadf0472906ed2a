import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDrafts } from '../../src/cli/synth/gym-drafts.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { SynthReport } from '../../src/synth/report/synth-report.js';
import { writeReport } from '../../src/synth/report/write-report.js';
import { RunPlaces } from '../../src/synth/run/run-places.js';
import { StandInWorld } from './stand-in-run.js';

let world: StandInWorld;
let candidates: Candidate[];
let report: SynthReport;
let directory: string;

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function expectedOf({ topic }: Candidate) {
  const task = world.tasks.find((known) => known.topic.title === topic.title)!;
  return { topic: task.entry.topic, ...task.entry.expected! };
}

beforeAll(async () => {
  world = await StandInWorld.open();
  const run = await world.synthesize('run', world.settings(), { sandboxes: 4 });
  expect(run.end).toEqual({ why: 'complete' });
  ({ candidates, directory } = run);
  const places = new RunPlaces(directory);
  await writeReport(places);
  report = SynthReport.parse(JSON.parse(await readFile(places.reportJson, 'utf8')));
}, 600_000);

afterAll(() => world[Symbol.asyncDispose]());

describe('forty topics, with the faults of real teachers', () => {
  it('come to the right verdicts [S1] [S2] [S3] [S4] [S5] [S6] [S7]', () => {
    const found = candidates.map((candidate) => ({
      topic: expectedOf(candidate).topic,
      end: candidate.state,
      ...(candidate.reason && { reason: candidate.reason }),
      attempts: candidate.attempts.length,
    }));
    expect(found).toEqual(candidates.map(expectedOf));
    expect(candidates.length).toBeGreaterThanOrEqual(40);
  });

  it('add up in the report, and to what was expected [S8]', () => {
    const expected = candidates.map(expectedOf);
    const ends = countBy(expected.map(({ end }) => end));
    expect(report.funnel).toMatchObject({ candidates: candidates.length, ...ends, open: 0 });
    const reasons = countBy(expected.flatMap(({ reason }) => reason ?? []));
    expect(Object.fromEntries(report.funnel.reasons.map(({ reason, count }) => [reason, count]))).toEqual(reasons);
    const attempts = expected.reduce((sum, one) => sum + one.attempts, 0);
    expect(report.debugging.attempts).toBe(attempts);
    expect(report.tasks).toHaveLength((ends.published ?? 0) + (ends.frontier ?? 0));
  });

  it('leave the near-duplicate out [S1]', () => {
    expect(report.topics.accepted).toBe(candidates.length);
    expect(report.topics.rejected.filter(({ count }) => count > 0)).toEqual([{ reason: 'similar', count: 1 }]);
  });

  it('bring tasks of all three kinds, with a baseline that the teacher beats [S5] [B2]', () => {
    const published = report.tasks.filter(({ state }) => state === 'published');
    expect(new Set(published.map(({ kind }) => kind))).toEqual(new Set(['predictions', 'program', 'artifact']));
    for (const { env_id, direction, baseline, best } of published) {
      const gain = direction === 'maximize' ? best! - baseline! : baseline! - best!;
      expect(gain, env_id!).toBeGreaterThan(0);
    }
  });

  it('are served: an episode over the client gives a reward [F4] [B3]', async () => {
    const published = candidates.filter(({ state }) => state === 'published');
    const gym = await openDrafts(world.config, path.join(directory, 'pack'));
    try {
      const listed = (await gym.client.listTasks()).map(({ task }) => task);
      expect(new Set(published.map(({ env_id }) => env_id))).toEqual(new Set(listed));
      const kinds = ['predictions', 'program', 'artifact'];
      for (const kind of kinds) {
        const candidate = published.find(({ proposal }) => proposal?.submission.kind === kind)!;
        const { actions } = world.tasks.find(({ topic }) => topic.title === candidate.topic.title)!;
        const episode = await gym.client.reset(candidate.env_id!);
        let reward = 0;
        for (const action of actions) reward += (await episode.step(action)).reward ?? 0;
        await episode.close();
        expect(reward, candidate.env_id!).toBeGreaterThan(0);
      }
    } finally {
      await gym.close();
    }
  });
});
