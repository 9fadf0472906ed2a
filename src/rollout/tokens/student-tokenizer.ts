import { EstimatedTokens } from '../../agent/models/estimated-tokens.js';
import type { TokenCounter } from '../../agent/models/token-counter.js';
import type { ByteLevelTables } from '../../agent/tokens/byte-level-tables.js';
import { ByteLevelTokens } from '../../agent/tokens/byte-level-tokens.js';
import { openTokenizer } from '../../agent/tokens/open-tokenizer.js';
import type { TextTokens } from '../../agent/tokens/text-tokens.js';

/** What another thread opens the same tokenizer from. */
export interface TokenizerParts {
  /** `tokenizer.json`; null: there is none, and counts are guesses. */
  file: string | null;
  sha256: string | null;
  tables: ByteLevelTables | null;
}

/**
 * Counts tokens as the tokenizer of the student makes them. Its marks are tokens wherever they stand, so that the counts of a text's
 * parts add up where a mark stands between them.
 */
export class StudentTokenizer implements TokenCounter {
  private constructor(
    private readonly tokens: TextTokens,
    /** For `fromParts`, in this thread or another. */
    readonly parts: TokenizerParts,
  ) {}

  /**
   * @param place `tokenizer.json`, or the directory that holds it; null: counts are guessed from the length of texts
   * @throws Error that says which file is no tokenizer, and why
   */
  static async open(place: string | null): Promise<StudentTokenizer> {
    if (place === null) {
      return new StudentTokenizer(new EstimatedTokens(), { file: null, sha256: null, tables: null });
    }
    const { tokens, ...parts } = await openTokenizer(place);
    return new StudentTokenizer(tokens, parts);
  }

  /** Opens a tokenizer again: from its tables, which are shared, or where it has none from its file. */
  static async fromParts(parts: TokenizerParts): Promise<StudentTokenizer> {
    if (parts.tables === null) return StudentTokenizer.open(parts.file);
    return new StudentTokenizer(new ByteLevelTokens(parts.tables), parts);
  }

  get isExact(): boolean {
    return this.parts.file !== null;
  }

  /** Of `tokenizer.json`; null: none was given. */
  get sha256(): string | null {
    return this.parts.sha256;
  }

  count(text: string): number {
    return this.tokens.count(text);
  }
}
