import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalHash, canonicalJson } from '../../src/synth/journal/canonical-json.js';
import { FileJournal } from '../../src/synth/journal/file-journal.js';
import { firstDifference } from '../../src/synth/journal/first-difference.js';
import type { JournalEntry } from '../../src/synth/journal/journal-entry.js';
import { readJournal } from '../../src/synth/journal/read-journal.js';
import { ReplayJournal, ReplayMismatch } from '../../src/synth/journal/replay-journal.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'journal-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const never = async (): Promise<never> => {
  throw new Error('asked again');
};

async function all(directory = root, prefix?: string) {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(directory, prefix)) entries.push(entry);
  return entries;
}

describe('FileJournal', () => {
  it('asks once: a later process is answered from the file [S8]', async () => {
    const first = await new FileJournal(root).once('a/b', { q: 1, p: 2 }, async () => ({ text: 'yes' }));
    const second = await new FileJournal(root).once('a/b', { p: 2, q: 1 }, never);
    expect([first, second]).toEqual([
      { answer: { text: 'yes' }, isKept: false },
      { answer: { text: 'yes' }, isKept: true },
    ]);
  });

  it('keeps key, time, question, answer, prompt, model, usage and price of each call [S8]', async () => {
    const journal = new FileJournal(root, { now: () => new Date('2026-01-02T03:04:05Z') });
    const usage = { input_tokens: 3, cached_input_tokens: 0, output_tokens: 1, is_estimated: false };
    const prompt = { name: 'proposal', version: 2, sha256: 'ab' };
    await journal.once(
      't',
      'why',
      async () => 'because',
      () => ({ prompt, model: 'm', usage, cost_usd: 0.5 }),
    );
    expect(await all()).toEqual([
      {
        version: 1,
        key: 't',
        at: '2026-01-02T03:04:05.000Z',
        question_sha256: canonicalHash('why'),
        question: 'why',
        answer: 'because',
        prompt,
        model: 'm',
        usage,
        cost_usd: 0.5,
      },
    ]);
  });

  it('asks again when the question is another one, and keeps the new answer alone [S8]', async () => {
    const journal = new FileJournal(root);
    await journal.once('k', 'one', async () => 1);
    expect(await journal.once('k', 'two', async () => 2)).toEqual({ answer: 2, isKept: false });
    expect(await journal.once('k', 'two', never)).toEqual({ answer: 2, isKept: true });
    expect((await all()).length).toBe(1);
  });

  it('has those who ask the same at once share one question [S8]', async () => {
    const journal = new FileJournal(root);
    let asked = 0;
    const ask = async () => ++asked;
    const answers = await Promise.all([1, 2, 3].map(() => journal.once('k', 'q', ask)));
    expect(answers.map(({ answer }) => answer)).toEqual([1, 1, 1]);
    expect(answers.map(({ isKept }) => isKept)).toEqual([false, true, true]);
  });

  it('keeps no failure, and lets the next one ask for itself [S8][B2]', async () => {
    const journal = new FileJournal(root);
    const failing = journal.once('k', 'q', never);
    const next = journal.once('k', 'q', async () => 'fine');
    await expect(failing).rejects.toThrow('asked again');
    expect(await next).toEqual({ answer: 'fine', isKept: false });
  });

  it.each([0, 1, 30, 120])('takes an entry of which %i bytes are left for none [S8]', async (bytes) => {
    const journal = new FileJournal(root);
    await journal.once('k', 'q', async () => 'a'.repeat(100));
    await truncate(path.join(root, 'k.json'), bytes);
    expect(await all()).toEqual([]);
    expect(await journal.once('k', 'q', async () => 'b')).toEqual({ answer: 'b', isKept: false });
    expect(await journal.once('k', 'q', never)).toEqual({ answer: 'b', isKept: true });
  });

  it('holds nothing but whole entries after its process is killed, and all that were answered [S8]', async () => {
    const writer = path.join(import.meta.dirname, 'journal-writer.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', writer, root], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      said.push(line);
      if (said.length === 40) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const files = (await readdir(path.join(root, 'k'))).filter((name) => name.endsWith('.json'));
    const kept = (await all()).map(({ key }) => key);
    expect(kept.length).toBe(files.length);
    expect(kept).toEqual(expect.arrayContaining(said));
  });

  it('writes no secret anywhere, and answers alike on the first time and on later ones [S8]', async () => {
    const key = 'very-own-token';
    const journal = new FileJournal(root, { secrets: [key, undefined] });
    const leaky = {
      own: `x ${key} y`,
      [key]: 1,
      hub: 'hf_abcdefghijKLMNOPQRST123456',
      openai: ['sk-proj-abc123_DEF456-ghi789jkl'],
      header: 'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.abc.def',
      program: 'from sklearn import x  # sk-learn; the bearer responsibilities',
    };
    const first = await journal.once('k', leaky, async () => leaky);
    const second = await journal.once('k', leaky, never);
    expect(first.answer).toEqual(second.answer);
    expect(first.answer).toMatchObject({ own: 'x [key] y', '[key]': 1, hub: '[key]', program: leaky.program });
    const text = await readFile(path.join(root, 'k.json'), 'utf8');
    for (const secret of [key, 'abcdefghijKLMNOP', 'abc123_DEF', 'eyJhbGci']) expect(text).not.toContain(secret);
  });

  it.each(['', 'a//b', '../x', 'a/./b', '/a', 'a/..'])('refuses %j as a key [B1]', async (key) => {
    await expect(new FileJournal(root).once(key, 1, async () => 1)).rejects.toThrow(TypeError);
  });

  it('gives every key a place of its own below its root [S8]', async () => {
    const keys = [
      'hub/search/a b?c*:é',
      'hub/search/a b?c*:e',
      'k',
      'k.json/x',
      'k/x',
      `${'l'.repeat(400)}1`,
      `${'l'.repeat(400)}2`,
      '...x',
    ];
    const journal = new FileJournal(root);
    for (const key of keys) await journal.once(key, key, async () => key);
    for (const key of keys) expect((await journal.once(key, key, never)).answer).toBe(key);
    expect((await all()).map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect((await all(root, 'hub/')).length).toBe(2);
  });
});

describe('readJournal', () => {
  it('gives entries in the order of their numbers, and none of a journal that is not there [S8]', async () => {
    const journal = new FileJournal(root);
    for (const key of ['t/10', 't/2', 'a']) await journal.once(key, key, async () => key);
    await writeFile(path.join(root, 'note.txt'), 'no entry');
    expect((await all()).map(({ key }) => key)).toEqual(['a', 't/2', 't/10']);
    expect(await all(path.join(root, 'missing'))).toEqual([]);
  });
});

describe('ReplayJournal', () => {
  it('answers from another run, asks nobody, and keeps it with the new one [S8]', async () => {
    await new FileJournal(path.join(root, 'old')).once('k', { q: 1 }, async () => 'kept');
    const into = new FileJournal(path.join(root, 'new'));
    const replay = new ReplayJournal(path.join(root, 'old'), { into });
    expect(await replay.once('k', { q: 1 }, never, () => ({ model: 'm' }))).toEqual({ answer: 'kept', isKept: true });
    expect(await into.once('k', { q: 1 }, never)).toEqual({ answer: 'kept', isKept: true });
    expect(await new ReplayJournal(path.join(root, 'old')).once('k', { q: 1 }, never)).toMatchObject({
      answer: 'kept',
    });
  });

  it('fails for what was not asked, and for what was asked otherwise, and says how [S8][B1]', async () => {
    await new FileJournal(root).once('k', { messages: [{ content: 'one fish' }] }, async () => 1);
    const replay = new ReplayJournal(root);
    await expect(replay.once('missing', 1, async () => 1)).rejects.toThrow(/holds no answer to missing/);
    const other = replay.once('k', { messages: [{ content: 'one bird' }] }, async () => 1);
    await expect(other).rejects.toThrow(ReplayMismatch);
    await expect(other).rejects.toThrow(
      /^k was another question in .*: messages\.0\.content differs from character 4 on: it was "one fish" and is "one bird"$/,
    );
  });
});

const json = fc.jsonValue({ maxDepth: 4 });

describe('equality of questions', () => {
  it('does not hang on the order of fields [S8]', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, field]) => [name, turned(field)]),
      );
    };
    fc.assert(fc.property(json, (value) => canonicalJson(turned(value)) === canonicalJson(value)));
  });

  it('differs exactly where a difference can be named [S8]', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const [a, b] = [JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))];
        return (firstDifference(a, b) === null) === (canonicalHash(a) === canonicalHash(b));
      }),
    );
  });
});
