import { openTokenizer } from '../tokens/open-tokenizer.js';
import type { TextTokens } from '../tokens/text-tokens.js';
import { ModelFileError } from './model-file-error.js';
import type { TokenCounter } from './token-counter.js';

/** Texts whose count is kept: a chat is counted again with every message that is added. */
const KEPT_TEXTS = 2048;

/** Counts with a model's own tokenizer. */
export class TokenizerTokens implements TokenCounter {
  readonly isExact = true;
  readonly #known = new Map<string, number>();

  private constructor(private readonly tokens: TextTokens) {}

  /**
   * @param file `tokenizer.json` of the model, or the directory that holds it
   * @throws ModelFileError
   */
  static async fromFile(file: string): Promise<TokenizerTokens> {
    try {
      return new TokenizerTokens((await openTokenizer(file)).tokens);
    } catch (error) {
      throw new ModelFileError((error as Error).message);
    }
  }

  count(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const tokens = this.tokens.count(text);
    if (this.#known.size >= KEPT_TEXTS) this.#known.clear();
    this.#known.set(text, tokens);
    return tokens;
  }
}
