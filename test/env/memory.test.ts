import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Episode } from '../../src/env/episode/episode.js';
import { MEMORY_FILE_BYTES } from '../../src/env/limits.js';
import { MemoryStore, memoryDigest } from '../../src/env/memory/memory-store.js';
import { dumpNotes, mergeNotes, type Notes, parseNotes } from '../../src/env/memory/notes.js';
import { writeGuessPack } from './guess-pack.js';
import { temporaryDirectory } from './pack-fixture.js';
import { RealGym } from './real-gym.js';
import { begunEpisode, toyTask } from './toy-task.js';

const notesOf = (...texts: string[]): Notes => ({ texts, embeddings: texts.map((text) => [text.length]), tags: texts });
const fileOf = (...texts: string[]) => dumpNotes(notesOf(...texts), MEMORY_FILE_BYTES);

describe('a memory file', () => {
  it('is written as Python writes it, and read again', () => {
    const notes = { texts: ['é "x"'], embeddings: [[0.5, 1]], tags: [] };
    const contents = dumpNotes(notes, 1000);
    expect(contents.toString()).toBe(
      '{\n    "texts": [\n        "\\u00e9 \\"x\\""\n    ],\n    "embeddings": [\n        [\n            0.5,\n            1\n        ]\n    ],\n    "tags": []\n}',
    );
    expect(parseNotes(contents)).toEqual(notes);
    expect(parseNotes(Buffer.from(' \n'))).toEqual({ texts: [], embeddings: [], tags: [] });
  });

  it.each([
    '{"texts": ["a"], "embeddings": [], "tags": []}',
    '{"texts": ["a"], "embeddings": [["x"]], "tags": []}',
    '{"texts": "a", "embeddings": [], "tags": []}',
    '{"texts": [], "embeddings": []}',
    '[1]',
    'null',
    '{"texts": [',
    Buffer.from([0xff]),
  ])('is not %s [B5]', (contents) => expect(parseNotes(Buffer.from(contents))).toBeNull());

  it('is never anything that parses by accident [B5]', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const notes = parseNotes(Buffer.from(text));
        expect(notes === null || notes.texts.length === notes.embeddings.length).toBe(true);
      }),
    );
  });

  it('loses nothing when two are merged, and only the oldest when there is no room', () => {
    expect(mergeNotes(notesOf('a', 'b'), notesOf('b', 'c', 'c')).texts).toEqual(['a', 'b', 'c', 'c']);
    const many = notesOf(...Array.from({ length: 100 }, (_, index) => `note ${index}`));
    const kept = parseNotes(dumpNotes(many, 4000)) as Notes;
    expect(kept.texts.at(-1)).toBe('note 99');
    expect(kept.texts.length).toBeLessThan(100);
    expect(kept.texts).toEqual(many.texts.slice(-kept.texts.length));
    expect(kept.tags.length).toBeLessThanOrEqual(kept.texts.length);
    expect(parseNotes(dumpNotes(many, 10))).toEqual({ texts: [], embeddings: [], tags: [] });
  });
});

it('a memory file of more notes than an agent makes is none, and others are written in one go [B4]', () => {
  const listOf = (count: number, item: string) => `[${Array(count).fill(item).join()}]`;
  const file = (count: number, tags = 0) =>
    Buffer.from(`{"texts":${listOf(count, '""')},"embeddings":${listOf(count, '[]')},"tags":${listOf(tags, '""')}}`);
  expect(parseNotes(file(10_000))?.texts.length).toBe(10_000);
  expect(parseNotes(file(10_001))).toBeNull();
  expect(parseNotes(file(1_390_000))).toBeNull();
  expect(parseNotes(file(1, 1_000_000))).toBeNull();
  expect(parseNotes(Buffer.from(`{"texts":${'['.repeat(4_000_000)}`))).toBeNull();
  const large = notesOf(...Array.from({ length: 1000 }, (_, index) => `${index}${'\u00e9'.repeat(index)}`));
  const written = dumpNotes(large, MEMORY_FILE_BYTES / 8);
  const kept = parseNotes(written) as Notes;
  expect(written.length).toBeLessThanOrEqual(MEMORY_FILE_BYTES / 8);
  expect(written.length).toBeGreaterThan(MEMORY_FILE_BYTES / 8 - 20_000);
  expect(kept.texts).toEqual(large.texts.slice(-kept.texts.length));
  expect(kept.tags).toEqual(kept.texts);
});

describe('the store of memories', () => {
  let directory: string;
  let store: MemoryStore;
  const task = { envId: 'toy/pears-v1', packRoot: '/', memoryPath: null };
  const files = () => readdir(path.join(directory, 'toy', 'pears-v1'));
  const texts = async () => parseNotes(await store.read(task))?.texts;
  const given = async () => memoryDigest(await store.read(task));

  beforeEach(async () => {
    directory = path.join(await temporaryDirectory(), 'memory');
    store = new MemoryStore(directory);
  });

  it('begins with what the pack has, which it never changes [E4]', async () => {
    const packRoot = await temporaryDirectory();
    await writeFile(path.join(packRoot, 'm.json'), fileOf('seed'));
    const seeded = { ...task, packRoot, memoryPath: 'm.json' };
    expect(await store.read(seeded)).toEqual(fileOf('seed'));
    await store.keep(seeded, memoryDigest(fileOf('seed')), fileOf('seed', 'own'));
    expect(parseNotes(await store.read(seeded))?.texts).toEqual(['seed', 'own']);
    expect(await readFile(path.join(packRoot, 'm.json'))).toEqual(fileOf('seed'));
    expect(await readdir(packRoot)).toEqual(['m.json']);
  });

  it.each([
    ['is not there', 'none.json'],
    ['lies outside', '../../etc/hostname'],
    ['leads outside', 'link.json'],
    ['is a directory', '.'],
  ])('begins empty when the file of the pack %s [B5]', async (_, memoryPath) => {
    const packRoot = await temporaryDirectory();
    await symlink('/etc/hostname', path.join(packRoot, 'link.json'));
    expect((await store.read({ ...task, packRoot, memoryPath })).length).toBe(0);
  });

  it('keeps the file as the agent left it when nobody else wrote, deletions included', async () => {
    await store.keep(task, await given(), Buffer.from('{"texts":["a"],"embeddings":[[1]],"tags":[]}'));
    expect((await store.read(task)).toString()).toBe('{"texts":["a"],"embeddings":[[1]],"tags":[]}');
    await store.keep(task, await given(), fileOf('b'));
    expect(await texts()).toEqual(['b']);
    await store.keep(task, await given(), Buffer.alloc(0));
    expect(await texts()).toEqual([]);
    expect(await files()).toEqual(['3.json']);
  });

  it('adds what episodes at the same time noted, whoever ends first [B4]', async () => {
    await store.keep(task, await given(), fileOf('old'));
    const base = await given();
    const others = Array.from({ length: 12 }, (_, index) =>
      new MemoryStore(directory).keep(task, base, fileOf('old', `n${index}`)),
    );
    await Promise.all(others);
    expect(new Set(await texts())).toEqual(new Set(['old', ...Array.from({ length: 12 }, (_, index) => `n${index}`)]));
    expect(await files()).toHaveLength(1);
  });

  it('keeps the old file when the new one is none, and is not hurt by what a crash left [B4 B5]', async () => {
    await store.keep(task, await given(), fileOf('old'));
    await expect(store.keep(task, await given(), Buffer.from('garbage'))).rejects.toThrow('no memory file');
    await writeFile(path.join(directory, 'toy', 'pears-v1', '2.json.x.new'), 'half');
    expect(await texts()).toEqual(['old']);
    // Two versions, as after a crash before the older one was dropped.
    await link(path.join(directory, 'toy', 'pears-v1', '1.json'), path.join(directory, 'toy', 'pears-v1', '2.json'));
    await store.keep(task, await given(), fileOf('old', 'new'));
    expect(await texts()).toEqual(['old', 'new']);
  });

  it('writes nothing when nothing was noted', async () => {
    await store.keep(task, await given(), Buffer.alloc(0));
    expect(await readdir(path.dirname(directory))).toEqual([]);
  });
});

describe('an episode with a memory', () => {
  let gym: RealGym;
  let pack: string;
  let memories: MemoryStore;
  const episodes: Episode[] = [];
  const begin = async (memory = true) => {
    const episode = await gym.begin('guess/small', { options: { memory } }, { memories });
    episodes.push(episode);
    return episode;
  };
  const kept = async () => parseNotes(await memories.read(gym.task('guess/small')))?.texts;

  beforeAll(async () => {
    pack = await mkdtemp(path.join(tmpdir(), 'gymsmith-guess-'));
    await writeGuessPack(pack);
    await mkdir(path.join(pack, 'data/small'), { recursive: true });
    await writeFile(path.join(pack, 'data/small/memory.json'), fileOf('from the pack'));
    const config = path.join(pack, 'configs/tasks/small.yaml');
    const task = JSON.parse(await readFile(config, 'utf8'));
    await writeFile(config, JSON.stringify({ ...task, memory_path: 'data/small/memory.json' }));
    gym = await RealGym.open(pack);
  });
  beforeEach(async () => {
    memories = new MemoryStore(await temporaryDirectory());
  });
  afterEach(async () => {
    for (const episode of episodes.splice(0)) await episode.close();
  });
  afterAll(async () => {
    await gym?.close();
    await rm(pack, { recursive: true, force: true });
  });

  it('gives the next one what it noted, however it ended [E4]', async () => {
    const first = await begin();
    expect((await first.step('memory_read "what is from the pack"')).observation.text).toMatch(
      /Match 1: from the pack/,
    );
    await first.step('memory_write "three estimators are enough"');
    await first.step('printf yes > submission.csv');
    await first.step('submit');
    const second = await begin();
    expect((await second.step('memory_read estimators')).observation.text).toMatch(
      /Match 1: three estimators are enough/,
    );
    await second.step('cd src; memory_write second');
    await second.close();
    const third = await begin();
    await third.step('memory_write third');
    await third.step('exit_forfeit');
    expect(await kept()).toEqual(['from the pack', 'three estimators are enough', 'second', 'third']);
  });

  it('loses nothing to another one beside it, nor to another process [B4]', async () => {
    const [one, other] = [await begin(), await begin()];
    await one.step('memory_write one');
    await other.step('memory_write other');
    await one.step('skip');
    const adopted = await Episode.adopt(other.toRecord(), gym.task('guess/small'), {
      ...gym.anotherProcess(),
      memories,
    });
    episodes.push(adopted);
    await adopted.step('memory_write adopted');
    await adopted.step('skip');
    expect(await kept()).toEqual(['from the pack', 'one', 'other', 'adopted']);
  });

  it.each([
    ['garbage', 'echo garbage > ~/memory.json'],
    ['a link to another file', 'ln -sf /etc/passwd ~/memory.json'],
    ['nothing', 'rm ~/memory.json'],
    ['a pipe', 'rm ~/memory.json; mkfifo ~/memory.json'],
    ['a directory', 'rm ~/memory.json; mkdir ~/memory.json'],
    ['a file of a terabyte', 'truncate -s 1T ~/memory.json'],
    ['a name in place of its home', 'cd /; mv ~ /tmp/home; ln -s /etc /home/agent'],
    ['what it may not read', 'rm ~/memory.json; ln /etc/passwd ~/memory.json; ln -s /etc/shadow ~/memory.json; true'],
    [
      'a file that is another at every look',
      '(while :; do ln -sf /etc/passwd ~/memory.json; rm ~/memory.json; done) & true',
    ],
    ['more than may be kept', `head -c ${MEMORY_FILE_BYTES + 1} /dev/zero > ~/memory.json`],
  ])('keeps what there was when the agent leaves %s [B5]', async (_, action) => {
    const episode = await begin();
    await episode.step(action);
    expect((await episode.step('skip')).terminated).toBe(true);
    expect(await kept()).toEqual(['from the pack']);
  });

  it('is an option: without it there is no file, and nothing is kept [E4]', async () => {
    const episode = await begin(false);
    expect((await episode.step('memory_read x')).observation.text).toBe(
      'Memory file not found: /home/agent/memory.json',
    );
    await episode.step('memory_write forgotten');
    await episode.step('skip');
    expect(await kept()).toEqual(['from the pack']);
  });

  it('is not kept from its end by a memory that cannot be read or written [B4]', async () => {
    const broken = {
      read: async () => Buffer.alloc(0),
      keep: async () => {
        throw new Error('the disk is full');
      },
    };
    const toy = await begunEpisode({ params: { options: { memory: true } }, memories: broken });
    expect((await toy.episode.step('submit')).info.exit_status).toBe('submitted');
    await toy.episode.close();
    expect(toy.sandboxes.held).toEqual([]);
    const lost = await begunEpisode({ task: await toyTask(), params: { options: { memory: true } }, memories: broken });
    lost.agent().lose();
    await lost.episode.close();
    expect(lost.sandboxes.held).toEqual([]);
  });
});
