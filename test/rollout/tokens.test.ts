import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteLevelTables } from '../../src/agent/tokens/byte-level-tables.js';
import { ByteLevelTokens } from '../../src/agent/tokens/byte-level-tokens.js';
import { formC } from '../../src/agent/tokens/form-c.js';
import { LibraryTokens } from '../../src/agent/tokens/library-tokens.js';
import { splitPattern } from '../../src/agent/tokens/split-pattern.js';
import { StudentTokenizer } from '../../src/rollout/tokens/student-tokenizer.js';
import { arbitraryText } from './arbitrary-text.js';
import { tinyTokenizer, writeTinyTokenizer } from './tiny-tokenizer.js';

describe('tokens of a byte-level tokenizer', () => {
  const json = tinyTokenizer();
  const tokens = new ByteLevelTokens(byteLevelTables(json)!);
  let library: LibraryTokens;
  let scratch: string;
  beforeAll(async () => {
    library = await LibraryTokens.of(json, {});
    scratch = await mkdtemp(path.join(tmpdir(), 'gymsmith-tokens-'));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it("are the library's on texts of any kind [T3]", () => {
    // Where the library in JavaScript differs from Hugging Face's, the reference in Python is the judge.
    const disputed = /[\u0085\ufeff]|[^\0-\u052f\u1e00-\u2fff\u3041-\u9fff\uac00-\ud7a3\u{1f000}-\u{1faff}]/u;
    const texts = arbitraryText().filter((text) => !disputed.test(text));
    fc.assert(
      fc.property(texts, (text) => tokens.count(text) === library.count(text)),
      { numRuns: 1500 },
    );
  });

  it('are the same for long pieces as for the pieces that the library merges [T3]', () => {
    const unit = fc.constantFrom('t', 'h', 'e', 'in', 'tr', 'ain', 'ö', '世');
    const words = fc.string({ unit, minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(words, (word) => tokens.count(word) === library.count(word)),
      { numRuns: 300 },
    );
  });

  it('add up where a mark stands between two texts, and a mark is one token [T3]', () => {
    const texts = fc.tuple(arbitraryText(), arbitraryText(), fc.constantFrom('<|im_end|>', '<think>', '</tool_call>'));
    fc.assert(
      fc.property(texts, ([before, behind, mark]) => {
        expect(tokens.count(before + mark + behind)).toBe(tokens.count(before) + 1 + tokens.count(behind));
      }),
    );
  });

  it('are counted of texts that would take quadratic time in other ways [T3 T6]', () => {
    const long = 1_000_000;
    expect(tokens.count('7'.repeat(long))).toBe(long);
    expect(tokens.count('q'.repeat(long))).toBe(long);
    for (const text of [
      'the',
      ' ',
      '\n',
      ' \n',
      '\t ',
      '-',
      '<|im_',
      '中',
      'e\u0301',
      '\u0301\u0323',
      '\u{11382}\u{113c9}',
    ]) {
      expect(tokens.count(text.repeat(long / text.length / 4))).toBeGreaterThan(100);
    }
  });

  it('know white space, case and form C as Hugging Face has them, not as JavaScript does [T3]', () => {
    const split = new RegExp(splitPattern("(?i:'s|'ll)|\\s+|\\S")!, 'gv');
    expect("'ſ'LL\u0085 \ufeff".match(split)).toEqual(["'ſ", "'LL", '\u0085 ', '\ufeff']);
    expect(formC('e\u0301 \u{11382}\u{113c9}')).toBe('é \u{11382}\u{113c9}');
  });

  it.each(['\\p{L}++', '\\p{Lu}', '(?<!x)y', '\\w+', '[a&&b]', '(?i:[a-z])', '(a', 'a)', '\\p{L}+?'])(
    'are not guessed from a pattern that may mean something else: %s [T3]',
    (pattern) => {
      expect(splitPattern(pattern)).toBeNull();
    },
  );

  it.each([
    [
      'tokens that eat the space beside them',
      { added_tokens: [{ id: 1, content: '<a>', lstrip: true, normalized: false }] },
    ],
    ['another normalizer', { normalizer: { type: 'NFKC' } }],
    ['another model', { model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' } }],
  ])('are counted by the library for %s [T3]', (_, change) => {
    expect(byteLevelTables({ ...json, ...change })).toBeNull();
  });

  it('of a file are exact, its own in another thread, and those of another kind of tokenizer too [T3]', async () => {
    const file = await writeTinyTokenizer(scratch);
    const opened = await StudentTokenizer.open(scratch);
    const again = await StudentTokenizer.fromParts(structuredClone(opened.parts));
    const text = '<|im_start|>user\nthe model\n<|im_end|>';
    expect([opened.isExact, opened.parts.file, opened.sha256]).toEqual([
      true,
      file,
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    expect([opened.count(text), again.count(text)]).toEqual([tokens.count(text), tokens.count(text)]);
    const foreign = path.join(scratch, 'words.json');
    await writeFile(foreign, JSON.stringify({ ...json, normalizer: { type: 'NFKC' } }));
    const slow = await StudentTokenizer.open(foreign);
    expect([slow.parts.tables, slow.isExact, slow.count('ﬁ')]).toEqual([null, true, library.count('fi')]);
    expect((await StudentTokenizer.fromParts(slow.parts)).count('ﬁ')).toBe(library.count('fi'));
  });

  it('are guesses where there is no tokenizer, and a file that is none is named [T3 B1]', async () => {
    const guess = await StudentTokenizer.open(null);
    expect([guess.isExact, guess.sha256, guess.count('x'.repeat(35))]).toEqual([false, null, 10]);
    await writeFile(path.join(scratch, 'bad.json'), '{"model": 3}');
    await expect(StudentTokenizer.open(path.join(scratch, 'bad.json'))).rejects.toThrow(/bad\.json is no tokenizer/);
    await expect(StudentTokenizer.open(path.join(scratch, 'none'))).rejects.toThrow(
      /none\/tokenizer\.json is no tokenizer.*ENOENT/,
    );
  });
});
