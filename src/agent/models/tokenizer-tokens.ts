import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ModelFileError } from './model-file-error.js';
import type { TokenCounter } from './token-counter.js';

/** Texts whose count is kept: a chat is counted again with every message that is added. */
const KEPT_TEXTS = 2048;

/** Counts with a model's own tokenizer. */
export class TokenizerTokens implements TokenCounter {
  readonly isExact = true;
  readonly #known = new Map<string, number>();

  private constructor(private readonly encode: (text: string) => number) {}

  /**
   * @param file `tokenizer.json` of the model, or the directory that holds it; `tokenizer_config.json` beside it is read where there is one
   * @throws ModelFileError
   */
  static async fromFile(file: string): Promise<TokenizerTokens> {
    const json = file.endsWith('.json') ? file : path.join(file, 'tokenizer.json');
    const { Tokenizer } = await import('@huggingface/tokenizers');
    try {
      const vocabulary = JSON.parse(await readFile(json, 'utf8'));
      const config = await readFile(path.join(path.dirname(json), 'tokenizer_config.json'), 'utf8').catch(() => '{}');
      const tokenizer = new Tokenizer(vocabulary, JSON.parse(config));
      return new TokenizerTokens((text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length);
    } catch (error) {
      throw new ModelFileError(`${json} is no tokenizer that can be used: ${(error as Error).message}`);
    }
  }

  count(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const tokens = this.encode(text);
    if (this.#known.size >= KEPT_TEXTS) this.#known.clear();
    this.#known.set(text, tokens);
    return tokens;
  }
}
