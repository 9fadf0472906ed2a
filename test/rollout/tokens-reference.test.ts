import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { episodeChat } from '../../src/rollout/dataset/episode-chat.js';
import { cutTokens } from '../../src/rollout/dataset/template/cut-tokens.js';
import { renderChat } from '../../src/rollout/dataset/template/render-chat.js';
import { readTrajectory } from '../../src/rollout/read-trajectory.js';
import { StudentTokenizer } from '../../src/rollout/tokens/student-tokenizer.js';
import { studentTokenizer } from '../python/student-tokenizer.js';
import { trainEnvironment } from '../python/train-environment.js';
import { arbitraryText } from './arbitrary-text.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const COUNT = path.join(ROOT, 'test/python/count_tokens.py');
const DEMONSTRATION = path.join(ROOT, 'test/agent/fixtures/mlgym/demonstrations/counting.traj');
const BLOCK = 256;

type Witness = 'transformers' | 'tokenizers' | 'tiktoken';

/** Every code point that is a character of its own, between letters and spaces, a block a text. */
function allOfUnicode(): string[] {
  return Array.from({ length: 0x110000 / BLOCK }, (_, block) =>
    Array.from({ length: BLOCK }, (_, index) => block * BLOCK + index)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => `${String.fromCodePoint(code)}a ${String.fromCodePoint(code, code)} `)
      .join(''),
  );
}

describe("tokens of the student's real vocabulary", () => {
  let python: string;
  let directory: string;
  let scratch: string;
  let tokenizer: StudentTokenizer;
  beforeAll(async () => {
    const environment = await trainEnvironment();
    python = environment.python;
    directory = await studentTokenizer(environment);
    scratch = await mkdtemp(path.join(tmpdir(), 'gymsmith-tokens-'));
    tokenizer = await StudentTokenizer.open(directory);
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  async function reference(texts: readonly string[], ...by: Witness[]): Promise<Record<Witness, number[]>> {
    const file = path.join(scratch, 'texts.json');
    await writeFile(file, JSON.stringify(texts));
    const { stdout } = await run(python, [COUNT, directory, file, ...by], { maxBuffer: 2 ** 28 });
    return JSON.parse(stdout);
  }

  it('are counted without the library [T3]', () => {
    expect(tokenizer.parts.tables).not.toBeNull();
    expect(tokenizer.isExact).toBe(true);
  });

  it("are those of transformers, tokenizers and tiktoken on this project's files and on a chat [T3]", async () => {
    const { trajectory } = await readTrajectory(DEMONSTRATION);
    const chat = episodeChat(trajectory);
    const files = (await readdir(ROOT, { recursive: true })).filter((file) =>
      /^(?:src|packs\/reference|docker\/envd|docs)\/.*\.(?:ts|py|md|yaml|json|csv)$/.test(file),
    );
    const some = files.filter((_, index) => index % 5 === 0);
    const texts = await Promise.all(some.map((file) => readFile(path.join(ROOT, file), 'utf8')));
    texts.push(renderChat(chat).text, '<|im_start|>user\n<think>\n\n</think><tool_call>x</tool_call><|im_end|>\n<|im_');
    const counts = texts.map((text) => tokenizer.count(text));
    const { transformers, tokenizers, tiktoken } = await reference(texts, 'transformers', 'tokenizers', 'tiktoken');
    expect(counts).toEqual(transformers);
    expect(counts).toEqual(tokenizers);
    expect(counts).toEqual(tiktoken);
    expect(cutTokens(chat, (text) => tokenizer.count(text)).ends.at(-1)).toBe(tokenizers.at(-2));
  });

  it("are Hugging Face's on every character of Unicode and on texts of any kind [T3]", async () => {
    const texts = [...allOfUnicode(), ...fc.sample(arbitraryText(), { numRuns: 3000, seed: 5 })];
    const { tokenizers } = await reference(texts, 'tokenizers');
    const wrong = texts.filter((text, index) => tokenizer.count(text) !== tokenizers[index]);
    expect(wrong).toEqual([]);
  });
});
