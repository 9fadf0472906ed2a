import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ByteLevelTables, byteLevelTables } from './byte-level-tables.js';
import { ByteLevelTokens } from './byte-level-tokens.js';
import { LibraryTokens } from './library-tokens.js';
import type { TextTokens } from './text-tokens.js';

/** A tokenizer that was read from its files. */
export interface OpenTokenizer {
  tokens: TextTokens;
  /** From which other threads count as this one does; null: a tokenizer of another kind, which the library counts with. */
  tables: ByteLevelTables | null;
  /** `tokenizer.json`. */
  file: string;
  sha256: string;
}

/**
 * Tokenizers of the byte-level kind are counted here, many times faster than by the library, once both agree on some texts; all
 * others by the library.
 * @param place `tokenizer.json` of a model, or the directory that holds it; `tokenizer_config.json` beside it is read where there is one
 * @throws Error that says which file is no tokenizer, and why
 */
export async function openTokenizer(place: string): Promise<OpenTokenizer> {
  const isDirectory = await stat(place).then(
    (found) => found.isDirectory(),
    () => !place.endsWith('.json'),
  );
  const file = isDirectory ? path.join(place, 'tokenizer.json') : place;
  try {
    const contents = await readFile(file);
    const tokenizer: object = JSON.parse(contents.toString());
    const config = await readFile(path.join(path.dirname(file), 'tokenizer_config.json'), 'utf8').catch(() => '{}');
    const library = await LibraryTokens.of(tokenizer, JSON.parse(config));
    const tables = agreed(byteLevelTables(tokenizer), library);
    const tokens = tables === null ? library : new ByteLevelTokens(tables);
    return { tokens, tables, file, sha256: createHash('sha256').update(contents).digest('hex') };
  } catch (error) {
    throw new Error(`${file} is no tokenizer that can be used: ${(error as Error).message}`, { cause: error });
  }
}

/** Texts in which tokenizers of this kind differ from each other, without what the library itself has otherwise than Hugging Face's. */
const TEXTS: readonly string[] = [
  "The quick brown fox jumps over the lazy dog; it's 3.14159 and they're I'M YOU'LL.\n\n\n  Indented\t\ttabs \r\n mixed \n",
  'def evaluate(path: str) -> dict[str, float]:\n    """Scores."""\n    return {"acc": np.mean(y_true == y_pred), **extra}\n',
  '{"epoch": 12, "loss": 0.000123, "lr": 1e-05, "id": "0x7f3a9c"}   100%|##########| 1563/1563 [00:41<00:00, 37.52it/s]',
  'Grüße, naïve café, e\u0301tude, Ångström, Привет мир, 你好,世界! こんにちは 안녕하세요 مرحبا שלום नमस्ते ไทย 🎉👩‍💻🇩🇪 ½ ² Ⅻ ﬁ',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'supercalifragilisticexpialidocious_floccinaucinihilipilification__antidisestablishmentarianism--------------------====',
  '     x    \u00a0y\u3000z \n \n\t\n     ',
];

function agreed(tables: ByteLevelTables | null, library: TextTokens): ByteLevelTables | null {
  if (tables === null) return null;
  const ours = new ByteLevelTokens(tables);
  const texts = [...TEXTS, ...tables.added.map((token) => `a ${token}\n${token}b`)];
  return texts.every((text) => ours.count(text) === library.count(text)) ? tables : null;
}
