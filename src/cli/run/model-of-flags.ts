import type { AgentConfig } from '../../agent/config/agent-config.js';
import { createModel, type ModelSettings } from '../../agent/models/create-model.js';
import type { Model } from '../../agent/models/model.js';
import { PriceTable } from '../../agent/models/prices.js';
import { readModelSettings } from '../../agent/models/read-model-settings.js';
import type { Config } from '../../config.js';
import { checkEndpoint } from './check-endpoint.js';
import { apiKeyOf, type RunFlags } from './run-flags.js';

/** A model for each run, and what is to be said of it. */
export interface ChosenModel {
  make: () => Promise<Model>;
  warnings: readonly string[];
  /** Of its endpoint, without credentials; null where the default or none is asked. */
  baseUrl: string | null;
  /** What is written down of the file of settings. */
  record: Readonly<Record<string, unknown>>;
}

/** Models that need no endpoint. */
const LOCAL = /^(?:script|replay):|^(?:human|submit.baseline)$/;

/**
 * @returns the model of the flags, made once already: what is wrong with it is told before a sandbox is made
 * @throws CliError, ModelSpecError, ModelFileError, PriceFileError
 */
export async function modelOf(flags: RunFlags, config: Config, { commands }: AgentConfig): Promise<ChosenModel> {
  const file = flags.prices ?? config.prices;
  const prices = file === undefined ? PriceTable.builtIn : PriceTable.builtIn.with(file);
  const ends = commands.flatMap(({ name, endName }) => (endName === null ? [] : [[name, endName] as const]));
  const { settings, record } =
    flags.modelSettings === undefined ? { settings: {}, record: {} } : await readModelSettings(flags.modelSettings);
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
  const first = await make((list, name, url) => {
    const warning = checkEndpoint(list, name, withoutCredentials(url));
    if (warning !== null) warnings.push(warning);
  });
  const isUnpriced = !LOCAL.test(flags.model) && prices.of(first.name) === null;
  const warning = `The price of ${first.name} is not known: dollars are not counted and --cost-limit cannot hold. --prices names a file of prices, --token-limit limits without them.`;
  // A script or a recording tells one episode; any other model may be asked by many.
  const isForOne = /^(script|replay):/.test(flags.model);
  return {
    make: isForOne ? () => make() : async () => first,
    warnings: isUnpriced && flags.costLimit > 0 ? [...warnings, warning] : warnings,
    baseUrl: LOCAL.test(flags.model) || baseUrl === undefined ? null : withoutCredentials(baseUrl),
    record,
  };
}

/** @returns an address fit to be written down; another text as it is */
export function withoutCredentials(address: string): string {
  return address.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}
