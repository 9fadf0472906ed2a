import { z } from 'zod';
import { type MergeTable, mergeTable } from './byte-pairs.js';
import { splitPattern } from './split-pattern.js';

/** Everything that counting needs of a tokenizer; can be sent to another thread, which then shares the tables. */
export interface ByteLevelTables {
  /** Pattern with the flags `gv` whose matches, and what lies between them, are tokenized each alone; null: texts are not split. */
  split: string | null;
  /** Whether texts are brought to Unicode's form C. */
  composes: boolean;
  /** Tokens that are found in texts as they stand, the longest first. */
  added: readonly string[];
  merges: MergeTable;
}

/** What GPT-2 splits by, and with it every pre-tokenizer `ByteLevel` that is to split. */
const GPT2_PATTERN = "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const Split = z.strictObject({
  type: z.literal('Split'),
  pattern: z.strictObject({ Regex: z.string() }),
  behavior: z.literal('Isolated'),
  invert: z.literal(false),
});
const ByteLevel = z.object({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.literal(false),
  use_regex: z.boolean().default(true),
});
const nothing = z.union([z.null(), z.literal('')]).optional();

/** Tokenizers of GPT-2's kind: Qwen's and others'. */
const ByteLevelTokenizer = z.object({
  added_tokens: z.array(
    z.object({
      content: z.string().min(1),
      single_word: z.literal(false).default(false),
      lstrip: z.literal(false).default(false),
      rstrip: z.literal(false).default(false),
      normalized: z.literal(false),
    }),
  ),
  normalizer: z.strictObject({ type: z.literal('NFC') }).nullable(),
  pre_tokenizer: z.union([
    ByteLevel,
    z.object({ type: z.literal('Sequence'), pretokenizers: z.tuple([Split, ByteLevel]) }),
  ]),
  model: z.object({
    type: z.literal('BPE'),
    dropout: z.null().optional(),
    continuing_subword_prefix: nothing,
    end_of_word_suffix: nothing,
    byte_fallback: z.literal(false).optional(),
    ignore_merges: z.literal(false).optional(),
    vocab: z.record(z.string(), z.int().min(0)),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
});

/**
 * @param json what `tokenizer.json` holds
 * @returns null when the tokenizer works in another way, or in one that is not known here
 */
export function byteLevelTables(json: unknown): ByteLevelTables | null {
  const read = ByteLevelTokenizer.safeParse(json);
  if (!read.success) return null;
  const { added_tokens, normalizer, pre_tokenizer, model } = read.data;
  const pattern = patternOf(pre_tokenizer);
  if (pattern === undefined) return null;
  const split = pattern === null ? null : splitPattern(pattern);
  if (split === null && pattern !== null) return null;
  const merges = mergesOf(model);
  if (merges === null) return null;
  const added = added_tokens.map(({ content }) => content).sort((a, b) => b.length - a.length);
  return { split, composes: normalizer !== null, added, merges };
}

/** @returns null: texts are not split; undefined: they are split twice, which is not known here */
function patternOf(preTokenizer: z.output<typeof ByteLevelTokenizer>['pre_tokenizer']): string | null | undefined {
  if (preTokenizer.type === 'ByteLevel') return preTokenizer.use_regex ? GPT2_PATTERN : null;
  const [split, byteLevel] = preTokenizer.pretokenizers;
  return byteLevel.use_regex ? undefined : split.pattern.Regex;
}

function mergesOf({ vocab, merges }: z.output<typeof ByteLevelTokenizer>['model']): MergeTable | null {
  const bytes = byteLetters().map((letter) => vocab[letter]);
  const triples = merges.map((merge) => {
    const [left = '', right = ''] = typeof merge === 'string' ? merge.split(' ') : merge;
    return [vocab[left], vocab[right], vocab[left + right]];
  });
  if (!isWhole(bytes) || !triples.every(isWhole)) return null;
  const pairs = new Set(merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' '))));
  return pairs.size < merges.length ? null : mergeTable(bytes, triples as [number, number, number][]);
}

function isWhole(ids: readonly (number | undefined)[]): ids is readonly number[] {
  return ids.every((id) => id !== undefined);
}

/** @returns for each byte, the character by which vocabularies of this kind write it: itself where it can be seen */
function byteLetters(): string[] {
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const isSeen = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(isSeen ? byte : 256 + others++);
  });
}
