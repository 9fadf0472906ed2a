import { writeFile } from 'node:fs/promises';
import path from 'node:path';

const PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
/** Of Qwen3, in the order of their ids; the first fourteen are special. */
const ADDED = [
  ...['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|object_ref_start|>', '<|object_ref_end|>', '<|box_start|>'],
  ...['<|box_end|>', '<|quad_start|>', '<|quad_end|>', '<|vision_start|>', '<|vision_end|>', '<|vision_pad|>'],
  ...['<|image_pad|>', '<|video_pad|>', '<tool_call>', '</tool_call>', '<|fim_prefix|>', '<|fim_middle|>'],
  ...['<|fim_suffix|>', '<|fim_pad|>', '<|repo_name|>', '<|file_sep|>', '<tool_response>', '</tool_response>'],
  ...['<think>', '</think>'],
];
const SPECIAL = 14;
const LEARNT_FROM =
  'the agent reads the file and prints the score of the model on the data; def train(self, x): return self.model.fit(x, y)\n' +
  '    for step in range(10):\n        loss = train(step)\n\n\nassistant\nuser\nsystem\n die Größe der Straße, 你好世界 привет --- === ____ ...';
const MERGES = 400;

/** A tokenizer of the shape of Qwen3's with few merges, learnt from a few lines. @returns what tokenizer.json holds */
export function tinyTokenizer(): Record<string, unknown> {
  const kept = [...span(0x21, 0x7e), ...span(0xa1, 0xac), ...span(0xae, 0xff)];
  let others = 0;
  const letters = span(0, 255).map((byte) => String.fromCharCode(kept.includes(byte) ? byte : 256 + others++));
  const words = LEARNT_FROM.match(/ ?\S+|\s+/gu)!.map((word) => [...Buffer.from(word)].map((byte) => letters[byte]!));
  const merges: [string, string][] = [];
  while (merges.length < MERGES) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let at = 1; at < word.length; at++) {
        const pair = `${word[at - 1]} ${word[at]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const [best] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    if (!best) break;
    const [left, right] = best[0].split(' ') as [string, string];
    merges.push([left, right]);
    for (const word of words) {
      for (let at = word.length - 1; at > 0; at--) {
        if (word[at - 1] === left && word[at] === right) word.splice(at - 1, 2, left + right);
      }
    }
  }
  const tokens = [...new Set([...letters, ...merges.map((pair) => pair.join(''))])];
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  const split = { type: 'Split', pattern: { Regex: PATTERN }, behavior: 'Isolated', invert: false };
  const options = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ADDED.map((content, at) => ({ id: tokens.length + at, content, ...options, special: at < SPECIAL })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [split, byteLevel] },
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '' },
      ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false },
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

/** @returns the path of the file */
export async function writeTinyTokenizer(directory: string, tokenizer: object = tinyTokenizer()): Promise<string> {
  const file = path.join(directory, 'tokenizer.json');
  await writeFile(file, JSON.stringify(tokenizer));
  await writeFile(path.join(directory, 'tokenizer_config.json'), '{"tokenizer_class": "Qwen2Tokenizer"}');
  return file;
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
