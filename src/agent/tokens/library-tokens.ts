import type { TextTokens } from './text-tokens.js';

/** Counts with Hugging Face's library in JavaScript: any kind of tokenizer, at its speed. */
export class LibraryTokens implements TextTokens {
  private constructor(private readonly encode: (text: string) => number) {}

  /**
   * @param tokenizer what `tokenizer.json` holds
   * @param config what `tokenizer_config.json` holds
   * @throws Error when the library does not know the tokenizer
   */
  static async of(tokenizer: object, config: object): Promise<LibraryTokens> {
    const { Tokenizer } = await import('@huggingface/tokenizers');
    const made = new Tokenizer(tokenizer, config);
    return new LibraryTokens((text) => made.encode(text, { add_special_tokens: false }).ids.length);
  }

  count(text: string): number {
    return this.encode(text);
  }
}
