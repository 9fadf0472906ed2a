import type { AgentConfig } from '../../agent/config/agent-config.js';
import { createModel, type ModelSettings } from '../../agent/models/create-model.js';
import type { Model } from '../../agent/models/model.js';
import { PriceTable } from '../../agent/models/prices.js';
import { readModelSettings } from '../../agent/models/read-model-settings.js';
import type { Config } from '../../config.js';
import { atFlag } from './at-flag.js';
import { checkEndpoint } from './check-endpoint.js';
import { apiKeyOf, type RunFlags } from './run-flags.js';

/** A model for each run, and what is to be said of it. */
export interface ChosenModel {
  make: () => Promise<Model>;
  warnings: readonly string[];
  /** Dollars are asked for and nobody knows them. */
  isUnpriced: boolean;
  /** Of its endpoint, without credentials; null where the default or none is asked. */
  baseUrl: string | null;
  /** What is written down of the file of settings. */
  record: Readonly<Record<string, unknown>>;
}

/** Models that need no endpoint. */
const LOCAL = /^(?:script|replay):|^(?:human|submit.baseline)$/;

/**
 * @param isLimited whether a limit of dollars was asked for: only then it matters to everybody that a price is not known
 * @returns the model of the flags, made once already: what is wrong with it is told before a sandbox is made
 * @throws CliError, ModelSpecError
 */
export async function modelOf(
  flags: RunFlags,
  config: Config,
  { commands }: AgentConfig,
  isLimited: boolean,
): Promise<ChosenModel> {
  const file = flags.prices ?? config.prices;
  const source = flags.prices === undefined ? 'GYMSMITH_PRICES' : '--prices';
  const prices = file === undefined ? PriceTable.builtIn : await atFlag(source, () => PriceTable.builtIn.with(file));
  const ends = commands.flatMap(({ name, endName }) => (endName === null ? [] : [[name, endName] as const]));
  const { modelSettings } = flags;
  const { settings, record } =
    modelSettings === undefined
      ? { settings: {}, record: {} }
      : await atFlag('--model-settings', () => readModelSettings(modelSettings));
  const baseUrl = flags.baseUrl ?? config.modelBaseUrl;
  const warnings: string[] = [];
  const make = (onModelList?: ModelSettings['onModelList']) =>
    createModel(flags.model, {
      ...settings,
      baseUrl,
      apiKey: apiKeyOf(flags, config.modelApiKey),
      temperature: flags.temperature ?? undefined,
      topP: flags.topP ?? undefined,
      maxTokens: flags.maxTokens,
      stream: flags.stream,
      proxies: config.network.proxies,
      prices,
      tokenizer: flags.tokenizer,
      endNames: Object.fromEntries(ends),
      onModelList,
    });
  const first = await atFlag(LOCAL.test(flags.model) ? '--model' : '--tokenizer', () =>
    make((list, name, url) => {
      const warning = checkEndpoint(list, name, withoutCredentials(url));
      if (warning !== null) warnings.push(warning);
    }),
  );
  const isUnpriced = !LOCAL.test(flags.model) && prices.of(first.name) === null;
  if (isUnpriced && isLimited) warnings.push(unpriced(first.name));
  // A script or a recording tells one episode; any other model may be asked by many.
  const isForOne = /^(script|replay):/.test(flags.model);
  return {
    make: isForOne ? () => make() : async () => first,
    warnings,
    isUnpriced,
    baseUrl: LOCAL.test(flags.model) || baseUrl === undefined ? null : withoutCredentials(baseUrl),
    record,
  };
}

function unpriced(name: string): string {
  return `The price of ${name} is not known: dollars are not counted and no limit of them can hold. --prices names a file of prices, --token-limit limits without them.`;
}

/** @returns an address fit to be written down; another text as it is */
export function withoutCredentials(address: string): string {
  return address.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}
