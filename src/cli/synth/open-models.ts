import { createModel } from '../../agent/models/create-model.js';
import type { Model } from '../../agent/models/model.js';
import { PriceTable } from '../../agent/models/prices.js';
import type { TeacherSettings } from '../../agent/models/teacher-settings.js';
import { type Config, readKey } from '../../config.js';
import type { Price } from '../../synth/pipeline/projection.js';
import type { SynthSettings } from '../../synth/settings.js';
import { CliError } from '../cli-error.js';
import { shownLine } from '../play/terminal-text.js';
import { atFlag } from '../run/at-flag.js';
import { checkEndpoint } from '../run/check-endpoint.js';
import { withoutCredentials } from '../run/model-of-flags.js';

/** The models of a run. */
export interface SynthModels {
  /** In the order of the settings' teachers. */
  teachers: readonly Model[];
  reviewer: Model | null;
  /** What is to be said before the start. */
  warnings: readonly string[];
}

/** @param isReplayed nobody is asked, so that no endpoint has to be there and no key is needed */
export async function openModels(
  settings: SynthSettings,
  config: Config,
  prices: PriceTable,
  isReplayed: boolean,
): Promise<SynthModels> {
  const warnings: string[] = [];
  const open = (teacher: TeacherSettings): Promise<Model> =>
    createModel(teacher.model, {
      baseUrl: teacher.base_url ?? config.modelBaseUrl,
      apiKey: isReplayed ? 'nobody-is-asked' : keyOf(teacher, config),
      extraBody: teacher.extra_body,
      ...(teacher.max_tokens !== null && { maxTokens: teacher.max_tokens }),
      proxies: config.network.proxies,
      prices,
      ...(!isReplayed && {
        onModelList: (list, name, url) => {
          const warning = checkEndpoint(list, name, withoutCredentials(url));
          if (warning !== null) warnings.push(warning);
        },
      }),
    });
  const teachers = await Promise.all(settings.teachers.map(open));
  const reviewer = settings.reviewer && (await open(settings.reviewer));
  return { teachers, reviewer, warnings };
}

/** @returns the key of a teacher, out of the environment @throws CliError where the variable that it names is empty */
function keyOf({ model, key_variable }: TeacherSettings, config: Config): string | undefined {
  if (key_variable === null) return config.modelApiKey;
  const key = readKey(key_variable);
  if (key !== undefined) return key;
  throw new CliError(
    `The key of ${model} is to be in ${key_variable}, which is empty.`,
    `Set it: export ${key_variable}=...`,
  );
}

/** @returns every key that the models of a run are asked with, to be kept out of what is written */
export function keysOf({ teachers, reviewer }: SynthSettings, config: Config): (string | undefined)[] {
  const named = [...teachers, ...(reviewer ? [reviewer] : [])].map(({ key_variable }) => key_variable);
  return [config.modelApiKey, ...named.map((variable) => (variable === null ? undefined : readKey(variable)))];
}

/** @returns the table of prices of the flags and the environment @throws CliError for a file that holds none */
export async function pricesOf(file: string | undefined, config: Config): Promise<PriceTable> {
  const chosen = file ?? config.prices;
  if (chosen === undefined) return PriceTable.builtIn;
  return atFlag(file === undefined ? 'GYMSMITH_PRICES' : '--prices', () => PriceTable.builtIn.with(chosen));
}

/** @returns what a million tokens of the teachers cost, by their weights; null when one of them has no known price */
export function priceOf({ teachers }: SynthSettings, table: PriceTable): Price | null {
  const total = teachers.reduce((sum, { weight }) => sum + weight, 0);
  const price = { input: 0, output: 0 };
  for (const { model, weight } of teachers) {
    const known = knownPrice(model, table);
    if (known === null) return null;
    price.input += (known.input * weight) / total;
    price.output += (known.output * weight) / total;
  }
  return price;
}

/** @returns what is to be said of a limit of dollars that cannot hold; null where it can, and where there is none */
export function unpricedWarning({ teachers, reviewer, budget }: SynthSettings, table: PriceTable): string | null {
  const asked = [...teachers, ...(reviewer ? [reviewer] : [])].map(({ model }) => model);
  const unpriced = [...new Set(asked)].filter((model) => knownPrice(model, table) === null);
  if (budget.usd === null || unpriced.length === 0) return null;
  return `The price of ${shownLine(unpriced.join(' and '))} is not known: its dollars are not counted, and --max-usd cannot hold. --prices names a file of prices, --max-tokens limits without them.`;
}

function knownPrice(model: string, table: PriceTable) {
  return table.of(model.replace(/^(?:openai|litellm):/, ''));
}
