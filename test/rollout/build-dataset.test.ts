import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BuildOptions, buildDataset, planDataset } from '../../src/rollout/dataset/build/build-dataset.js';
import type { DatasetRow } from '../../src/rollout/dataset/dataset-row.js';
import { DatasetSettings } from '../../src/rollout/dataset/dataset-settings.js';
import { DatasetManifest } from '../../src/rollout/dataset/manifest.js';
import { readLocalDataset } from '../../src/rollout/dataset/push/local-dataset.js';
import { type EpisodeTraits, madeEpisode } from './made-episode.js';

const mark = (content: string, id: number) => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});
const TOKENIZER = {
  version: '1.0',
  added_tokens: ['<|im_start|>', '<|im_end|>'].map(mark),
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: { a: 2 }, merges: [], unk_token: null },
};

let directory: string;
let source: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-build-'));
  source = path.join(directory, 'episodes');
  for (let at = 0; at < 24; at++) await putEpisode(`t${at % 4}/${at}`, { seed: at, task: `made/t${at % 4}-v0` });
});
afterEach(() => rm(directory, { recursive: true }));

async function putEpisode(name: string, traits: EpisodeTraits): Promise<void> {
  const seed = traits.seed ?? 0;
  const turns = [
    [`I look at ${seed}.\n\`\`\`\nls ${seed}\n\`\`\``, 'train.py\n'.repeat(50)],
    ['I submit.\n```\nsubmit\n```', ''],
  ] as const;
  const file = path.join(source, `${name}.traj`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(madeEpisode({ turns, ...traits })));
}

const settings = (more: object = {}) => DatasetSettings.parse({ sources: [source], shard_rows: 5, seed: 1, ...more });

function options(more: Partial<BuildOptions> = {}): BuildOptions {
  const { signal } = new AbortController();
  const labelsDirectory = path.join(directory, 'labels');
  return { out: path.join(directory, 'out'), force: false, labelsDirectory, threads: 2, signal, ...more };
}

/** Hashes of the files with rows by their names. */
function hashes({ files }: DatasetManifest): Record<string, string> {
  return Object.fromEntries(files.map(({ path: place, sha256 }) => [place, sha256]));
}

async function rowsIn(out: string): Promise<DatasetRow[]> {
  const names = (await readdir(path.join(out, 'jsonl'))).sort();
  const texts = await Promise.all(names.map(async (name) => gunzipSync(await readFile(path.join(out, 'jsonl', name)))));
  return texts.flatMap((text) =>
    text
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as DatasetRow),
  );
}

test('a dataset has rows, manifest, card and drawings, and its counts add up [T4, T5]', async () => {
  await writeFile(path.join(source, 'broken.traj'), '{');
  await putEpisode('t0/failed', { seed: 90, task: 'made/t0-v0', stop: 'infrastructure' });
  await putEpisode('t0/nothing', { seed: 91, task: 'made/t0-v0', score: null });
  await putEpisode('t0/again', { seed: 0, task: 'made/t0-v0' });
  const faults: string[] = [];
  const listener = { onUnreadable: (fault: string) => void faults.push(fault) };
  const manifest = await buildDataset(settings(), options({ listener }));
  const out = path.join(directory, 'out');
  expect(DatasetManifest.parse(JSON.parse(await readFile(path.join(out, 'manifest.json'), 'utf8')))).toEqual(manifest);
  expect(manifest).toMatchObject({
    trajectories: 28,
    kept: 24,
    rows: 24,
    dropped: { unreadable: 1, infrastructure: 1, preset: 1, duplicate: 1 },
  });
  expect(faults.join()).toContain('broken.traj');
  expect((await readdir(out)).sort()).toEqual([
    'README.md',
    'data',
    'jsonl',
    'manifest.json',
    'plots',
    'settings.json',
  ]);
  const rows = await rowsIn(out);
  expect(rows).toHaveLength(24);
  expect(rows.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(manifest.tokens);
  for (const { task, split, rows: count } of manifest.tasks) {
    expect(count).toBe(rows.filter((row) => row.task === task).length);
    expect(['train', 'test']).toContain(split);
  }
  expect(await readdir(directory)).not.toContain('out.building');
});

test('what goes to others names no path of this machine; the settings beside it can be built with again [T5, B4]', async () => {
  const student = path.join(directory, 'Student-1B');
  await mkdir(student);
  await writeFile(path.join(student, 'tokenizer.json'), JSON.stringify(TOKENIZER));
  await buildDataset(settings({ tokenizer: student }), options());
  const out = path.join(directory, 'out');
  for (const file of ['manifest.json', 'README.md']) {
    expect(await readFile(path.join(out, file), 'utf8')).not.toContain(directory);
  }
  const manifest = DatasetManifest.parse(JSON.parse(await readFile(path.join(out, 'manifest.json'), 'utf8')));
  expect(manifest.settings).toMatchObject({ sources: ['episodes'], tokenizer: 'Student-1B' });
  expect(manifest.sources).toMatchObject([{ name: 'episodes', run: null, trajectories: 24 }]);
  const kept = DatasetSettings.parse(JSON.parse(await readFile(path.join(out, 'settings.json'), 'utf8')));
  const again = await buildDataset(kept, options({ out: path.join(directory, 'again') }));
  expect(hashes(again)).toEqual(hashes(manifest));
  const { shards, pages } = await readLocalDataset(out);
  expect([...shards, ...pages].map(({ path: name }) => name)).not.toContain('settings.json');
});

test('the same sources and settings give the same bytes, however many threads there are; another seed another order [T5]', async () => {
  const first = await buildDataset(settings(), options({ threads: 3 }));
  const second = await buildDataset(settings(), options({ out: path.join(directory, 'second'), threads: 1 }));
  expect(hashes(second)).toEqual(hashes(first));
  const other = await buildDataset(settings({ seed: 2 }), options({ out: path.join(directory, 'other') }));
  expect(hashes(other)).not.toEqual(hashes(first));
});

test('a build that was stopped leaves nothing at its place and goes on with the shards that are whole [B4]', async () => {
  const stopping = new AbortController();
  const stopped = options({
    threads: 1,
    signal: stopping.signal,
    listener: {
      onProgress: ({ part, done }) => part === 'shards' && done === 2 && stopping.abort(new Error('enough')),
    },
  });
  await expect(buildDataset(settings(), stopped)).rejects.toThrow('enough');
  expect(await readdir(directory)).not.toContain('out');
  let known = 0;
  const listener: BuildOptions['listener'] = {
    onProgress: (progress) => {
      if (progress.part === 'shards') known = progress.known;
    },
  };
  const manifest = await buildDataset(settings(), options({ listener }));
  expect(known).toBe(2);
  const fresh = await buildDataset(settings(), options({ out: path.join(directory, 'fresh') }));
  expect(hashes(manifest)).toEqual(hashes(fresh));
});

test('what an earlier build with other settings left is not taken, nor left', async () => {
  const stopping = new AbortController();
  const listener: BuildOptions['listener'] = {
    onProgress: ({ part, done }) => part === 'shards' && done === 1 && stopping.abort(new Error('no')),
  };
  const before = options({ threads: 1, signal: stopping.signal, listener });
  await expect(buildDataset(settings({ shard_rows: 3 }), before)).rejects.toThrow('no');
  const manifest = await buildDataset(settings({ formats: ['jsonl'] }), options());
  expect(await readdir(path.join(directory, 'out', 'jsonl'))).toHaveLength(manifest.files.length);
  expect(await readdir(path.join(directory, 'out', 'data')).catch(() => [])).toEqual([]);
});

test('labels are found once: a second build reads no trajectory for them', async () => {
  await buildDataset(settings(), options());
  let known = 0;
  const listener: BuildOptions['listener'] = {
    onProgress: (progress) => {
      if (progress.part === 'labels') known = progress.known;
    },
  };
  await planDataset(settings({ filter: { preset: 'none' } }), options({ listener }));
  expect(known).toBe(24);
});

test('a place that is taken is refused, and replaced only when that is asked for [B1]', async () => {
  await buildDataset(settings(), options());
  await expect(buildDataset(settings(), options())).rejects.toThrow('exists');
  const manifest = await buildDataset(settings({ formats: ['jsonl'] }), options({ force: true }));
  expect(manifest.files.every(({ format }) => format === 'jsonl')).toBe(true);
  expect((await readdir(directory)).sort()).toEqual(['episodes', 'labels', 'out']);
});

test('what is no dataset is never replaced: not a run, not a file, not what lies beside it [B1]', async () => {
  const run = path.join(directory, 'run');
  await mkdir(run);
  await writeFile(path.join(run, 'notes.txt'), 'precious');
  await writeFile(path.join(directory, 'one'), 'precious');
  for (const name of ['run', 'one', 'episodes']) {
    const place = options({ out: path.join(directory, name), force: true });
    await expect(buildDataset(settings(), place)).rejects.toThrow(/something else than a dataset/);
  }
  expect(await readFile(path.join(run, 'notes.txt'), 'utf8')).toBe('precious');
  await mkdir(path.join(directory, 'out.old'));
  await writeFile(path.join(directory, 'out.old', 'notes.txt'), 'precious');
  await buildDataset(settings(), options());
  await buildDataset(settings({ seed: 2 }), options({ force: true }));
  expect((await readdir(directory)).sort()).toEqual(['episodes', 'labels', 'one', 'out', 'out.old', 'run']);
});

test('pipes and devices among the trajectories are told, and waited for by nobody [T5]', async () => {
  await promisify(execFile)('mkfifo', [path.join(source, 'pipe.traj')]);
  await symlink('/dev/zero', path.join(source, 'zero.traj'));
  const { dropped, kept } = await buildDataset(settings(), options());
  expect([dropped.unreadable, kept]).toEqual([2, 24]);
});

test('names that mean something to a program, and halves of characters, are names [T5]', async () => {
  for (const [at, task] of ['__proto__', 'constructor', 'a\udfffb'].entries()) {
    await putEpisode(`names/${at}`, { seed: 50 + at, task });
  }
  const manifest = await buildDataset(settings({ held_out: 0 }), options());
  expect(DatasetManifest.parse(JSON.parse(JSON.stringify(manifest))).kept).toBe(27);
  const rows = await rowsIn(path.join(directory, 'out'));
  for (const task of ['__proto__', 'constructor', 'a\ufffdb']) {
    expect(manifest.tasks.find((found) => found.task === task)).toMatchObject({ kept: 1, rows: 1 });
    expect(rows.filter((row) => row.task === task)).toHaveLength(1);
  }
});

test('what is left of a record of a shard is made again [B4]', async () => {
  const records = path.join(directory, 'out.building', '.shards');
  await mkdir(records, { recursive: true });
  for (let at = 0; at < 9; at++) await writeFile(path.join(records, `train-${at}-of-5.json`), '{"key":');
  expect((await buildDataset(settings(), options())).kept).toBe(24);
});

test('nothing kept is an error that says why, before anything is written [B1]', async () => {
  const none = settings({ filter: { preset: 'none', where: 'steps > 900' } });
  await expect(buildDataset(none, options())).rejects.toThrow('None of 24 trajectories is kept: 24 where.');
  expect((await readdir(directory)).sort()).toEqual(['episodes', 'labels']);
});

test('rows too short for any answer are an error that says what to raise [B1]', async () => {
  const short = buildDataset(settings({ truncate_tokens: 2 }), options());
  await expect(short).rejects.toMatchObject({
    message: 'None of 24 trajectories is kept: 24 no_turn.',
    remedy: expect.stringContaining('--truncate'),
  });
});

test('a student whose own template writes something else is refused with the difference [B1]', async () => {
  const student = path.join(directory, 'student');
  await mkdir(student);
  await writeFile(path.join(student, 'tokenizer.json'), JSON.stringify(TOKENIZER));
  const template = '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}';
  await writeFile(path.join(student, 'tokenizer_config.json'), JSON.stringify({ chat_template: template }));
  await expect(buildDataset(settings({ tokenizer: student }), options())).rejects.toThrow(
    /is not qwen3's[\s\S]*student: /,
  );
});

test('a trajectory that changes while rows are made is told, and nothing is put at the place [B4]', async () => {
  const victim = path.join(source, 't1/1.traj');
  const other = JSON.stringify(madeEpisode({ seed: 99, task: 'made/t1-v0' }));
  const changing = options({ listener: { onSelection: () => writeFileSync(victim, other) } });
  await expect(buildDataset(settings(), changing)).rejects.toThrow(/since it was labelled/);
  await expect(stat(path.join(directory, 'out'))).rejects.toThrow();
});
