import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readYaml } from '../../yaml/yaml.js';
import type { ModelUsage } from './model.js';

const dollars = z.number().min(0);
const tokens = z.int().positive();

const ModelPrice = z.strictObject({
  input: dollars.describe('dollars per million tokens'),
  cached_input: dollars
    .optional()
    .describe('of tokens read from the prompt cache; without it they cost what others do'),
  output: dollars,
  context_tokens: tokens.optional().describe('question and answer together'),
});
export type ModelPrice = z.infer<typeof ModelPrice>;

const PriceFile = z.strictObject({
  as_of: z.string().optional().describe('when the prices were looked up'),
  note: z.string().optional(),
  models: z.record(z.string().min(1), ModelPrice),
});

/** Snapshots and aliases cost what their model does, unless they are listed themselves. */
const SNAPSHOT = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest|preview|exp)$/;
const MILLION = 1_000_000;

/** A file of prices that cannot be used; the message names the file and what is wrong with it. */
class PriceFileError extends Error {
  override readonly name = 'PriceFileError';
}

/** What models cost and how much they read. */
export class PriceTable {
  static #builtIn: PriceTable | null = null;

  /** @param files models by name; a later table stands over an earlier one */
  private constructor(private readonly tables: readonly ReadonlyMap<string, ModelPrice>[]) {}

  /** The table that comes with the software. */
  static get builtIn(): PriceTable {
    PriceTable.#builtIn ??= new PriceTable([]).with(new URL('./prices.json', import.meta.url));
    return PriceTable.#builtIn;
  }

  /**
   * @param file JSON or YAML: `models:` with `input`, `cached_input`, `output` (dollars per million tokens) and `context_tokens` by name
   * @returns this table with those of the file over it
   * @throws PriceFileError
   */
  with(file: string | URL): PriceTable {
    const where = file instanceof URL ? file.pathname : file;
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new PriceFileError(`${where} cannot be read: ${(error as Error).message}`);
    }
    const yaml = readYaml(text);
    const [fault] = yaml.errors;
    if (fault) throw new PriceFileError(`${where}:${fault.line}: ${fault.problem}`);
    const parsed = PriceFile.safeParse(yaml.value);
    if (!parsed.success) {
      const faults = parsed.error.issues.map(
        (issue) => `${where}:${yaml.lineOf(issue.path)}: ${issue.path.join('.') || 'the file'}: ${issue.message}`,
      );
      throw new PriceFileError(`Prices that cannot be used:\n  ${faults.join('\n  ')}`);
    }
    return new PriceTable([new Map(Object.entries(parsed.data.models)), ...this.tables]);
  }

  /** @returns the price of a model; also of `provider/name`, and of a dated snapshot what its model costs; null when not known */
  of(model: string): ModelPrice | null {
    for (const table of this.tables) {
      for (const name of spellings(model)) {
        const price = table.get(name);
        if (price) return price;
      }
    }
    return null;
  }

  /** @returns dollars of a call; null when the price is not known */
  costUsd(model: string, usage: ModelUsage): number | null {
    const price = this.of(model);
    if (price === null) return null;
    const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
    const input = (usage.inputTokens - cached) * price.input + cached * (price.cached_input ?? price.input);
    return (input + usage.outputTokens * price.output) / MILLION;
  }

  /** @returns tokens that question and answer may have together; null when not known */
  contextTokens(model: string): number | null {
    return this.of(model)?.context_tokens ?? null;
  }
}

/** The names under which a model may be listed, the most exact first. */
function spellings(model: string): string[] {
  const bare = model.slice(model.lastIndexOf('/') + 1);
  const names = [model, bare].flatMap((name) => [name, name.replace(SNAPSHOT, '')]);
  return [...new Set(names)];
}
