import { PriceTable } from '../../agent/models/prices.js';
import type { TeacherSettings } from '../../agent/models/teacher-settings.js';
import type { Config } from '../../config.js';
import { shownLine } from '../play/terminal-text.js';
import { atFlag } from '../run/at-flag.js';

/** Dollars of a million tokens. */
interface MixedPrice {
  input: number;
  output: number;
}

/** @returns the table of prices of the flags and the environment @throws CliError for a file that holds none */
export async function pricesOf(file: string | undefined, config: Config): Promise<PriceTable> {
  const chosen = file ?? config.prices;
  if (chosen === undefined) return PriceTable.builtIn;
  return atFlag(file === undefined ? 'GYMSMITH_PRICES' : '--prices', () => PriceTable.builtIn.with(chosen));
}

/** @returns what a million tokens of models cost, by their weights; null when one of them has no known price */
export function mixedPrice(
  models: readonly Pick<TeacherSettings, 'model' | 'weight'>[],
  table: PriceTable,
): MixedPrice | null {
  const total = models.reduce((sum, { weight }) => sum + weight, 0);
  const price = { input: 0, output: 0 };
  for (const { model, weight } of models) {
    const known = knownPrice(model, table);
    if (known === null) return null;
    price.input += (known.input * weight) / total;
    price.output += (known.output * weight) / total;
  }
  return price;
}

/**
 * @param usd most that may be spent; null: no limit
 * @returns what is to be said of a limit of dollars that cannot hold; null where it can, and where there is none
 */
export function unpricedWarning(models: readonly string[], usd: number | null, table: PriceTable): string | null {
  const unpriced = [...new Set(models)].filter((model) => knownPrice(model, table) === null);
  if (usd === null || unpriced.length === 0) return null;
  return `The price of ${shownLine(unpriced.join(' and '))} is not known: its dollars are not counted, and --max-usd cannot hold. --prices names a file of prices, --max-tokens limits without them.`;
}

function knownPrice(model: string, table: PriceTable) {
  return table.of(model.replace(/^(?:openai|litellm):/, ''));
}
