import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EpisodeRecords } from '../../src/cli/gym/episode-records.js';
import type { EpisodeRecord } from '../../src/env/episode/episode-record.js';

let directory: string;

function record(changes: Partial<EpisodeRecord> = {}): EpisodeRecord {
  return {
    version: 1,
    episode_id: 'e',
    task: 'toy/echo-v1',
    task_hash: 'sha256:0',
    settings: SETTINGS,
    phase: 'ready',
    sandbox_id: 'sb-1',
    started_at_ms: 0,
    deadline_ms: 1,
    step_count: 0,
    commands: 0,
    cwd: '/',
    open_file: null,
    last_action: '',
    shadowed: [],
    state: null,
    memory: null,
    baseline_scores: null,
    scores: [],
    running: null,
    due: null,
    end: null,
    ...changes,
  };
}

const SETTINGS: EpisodeRecord['settings'] = {
  seed: 1,
  max_steps: 50,
  reward: 'improvement',
  step_timeout_s: 1,
  training_timeout_s: 1,
  episode_timeout_s: 1,
  window: 100,
  keep_output_bytes: 1024,
  compat: 'mlgym',
  variables: {},
  command_files: [],
  state_command: null,
  memory: false,
};
const END = { exit_status: 'submitted', exit_reason: 'submit', mlgym_exit_status: 'submitted' } as const;

beforeEach(() => {
  directory = path.join(mkdtempSync(path.join(tmpdir(), 'gymsmith-records-')), 'deep');
});

afterEach(() => rmSync(path.dirname(directory), { recursive: true }));

it('gives a later process the newest record of each episode, once [B4]', () => {
  const before = new EpisodeRecords(directory);
  const write = before.writer();
  write(record());
  write(record({ step_count: 7 }));
  before.writer()(record({ episode_id: 'other', sandbox_id: 'sb-2' }));
  const after = new EpisodeRecords(directory);
  expect([after.awaits('sb-1'), after.awaits('sb-2'), after.awaits('sb-3')]).toEqual([true, true, false]);
  expect(after.take('e', 'toy/other-v1')).toBeNull();
  const taken = after.take('e', 'toy/echo-v1');
  expect(taken?.record.step_count).toBe(7);
  expect([after.take('e', 'toy/echo-v1'), after.awaits('sb-1')]).toEqual([null, false]);
  after.writer(taken!.file)(record({ step_count: 8 }));
  after.dropLeft();
  expect(new EpisodeRecords(directory).take('e', 'toy/echo-v1')?.record.step_count).toBe(8);
  expect(readdirSync(directory)).toHaveLength(1);
});

it('keeps nothing of an episode that ended, and no file grows without end', () => {
  const records = new EpisodeRecords(directory);
  const write = records.writer();
  for (let i = 0; i < 5000; i++) write(record({ step_count: i }));
  const [name] = readdirSync(directory);
  expect(statSync(path.join(directory, name!)).size).toBeLessThan(1.1 * 2 ** 20);
  expect(new EpisodeRecords(directory).take('e', 'toy/echo-v1')?.record.step_count).toBe(4999);
  write(record({ end: END }));
  expect(readdirSync(directory)).toEqual([]);
});

it('takes the last whole line of a file whose writer was killed, and removes what is no record [B4]', () => {
  const write = new EpisodeRecords(directory).writer();
  write(record({ step_count: 3 }));
  const file = path.join(directory, readdirSync(directory)[0]!);
  appendFileSync(file, '{"version":1,"episode_id":"e","ta');
  writeFileSync(path.join(directory, 'rubbish.episode.jsonl'), 'x');
  mkdirSync(path.join(directory, 'folder'));
  expect(new EpisodeRecords(directory).take('e', 'toy/echo-v1')?.record.step_count).toBe(3);
  expect(readdirSync(directory)).toEqual([path.basename(file)]);
});

it('gives nobody an episode that two sessions call by one name', () => {
  const before = new EpisodeRecords(directory);
  before.writer()(record());
  before.writer()(record({ sandbox_id: 'sb-2' }));
  const after = new EpisodeRecords(directory);
  expect(after.take('e', 'toy/echo-v1')).toBeNull();
  after.dropLeft();
  expect(readdirSync(directory)).toEqual([]);
});

it('lets an episode go on that cannot be recorded, and keeps no record that is older than what was done', () => {
  const records = new EpisodeRecords(directory);
  const write = records.writer();
  rmSync(directory, { recursive: true });
  write(record());
  mkdirSync(directory);
  write(record({ step_count: 1 }));
  const file = path.join(directory, readdirSync(directory)[0]!);
  rmSync(file);
  mkdirSync(`${file}.new`);
  for (let i = 0; i < 5000; i++) write(record({ step_count: i }));
  expect(new EpisodeRecords(directory).take('e', 'toy/echo-v1')).toBeNull();
  write(record({ end: END }));
});
