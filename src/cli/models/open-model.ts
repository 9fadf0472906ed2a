import { createModel } from '../../agent/models/create-model.js';
import type { Model } from '../../agent/models/model.js';
import type { PriceTable } from '../../agent/models/prices.js';
import type { RequestGate } from '../../agent/models/request-gate.js';
import type { TeacherSettings } from '../../agent/models/teacher-settings.js';
import type { Config } from '../../config.js';
import { checkEndpoint } from '../run/check-endpoint.js';
import { withoutCredentials } from '../run/model-of-flags.js';
import { modelKey } from './model-key.js';

/** What a model of a run is made with. */
export interface ModelParts {
  config: Config;
  prices: PriceTable;
  /** False: nobody is asked, so that no endpoint has to be there and no key is needed. */
  isAsked: boolean;
  /** Told what is to be said before the start. */
  warn: (text: string) => void;
  /** `tokenizer.json` of the model, or its directory. */
  tokenizer?: string;
  /** Gives leave for every request. */
  gate?: RequestGate;
  /** Of every answer; unset: as whoever asks wishes. */
  sampling?: { temperature?: number; topP?: number };
}

/**
 * Makes a model that settings name.
 * @throws CliError when nobody can be asked there; ModelSpecError, ModelFileError
 */
export async function openModel(
  settings: TeacherSettings,
  { config, prices, isAsked, warn, tokenizer, gate, sampling }: ModelParts,
): Promise<Model> {
  return createModel(settings.model, {
    baseUrl: settings.base_url ?? config.modelBaseUrl,
    apiKey: isAsked ? modelKey(settings, config) : 'nobody-is-asked',
    extraBody: settings.extra_body,
    ...(settings.max_tokens !== null && { maxTokens: settings.max_tokens }),
    ...sampling,
    ...(tokenizer !== undefined && { tokenizer }),
    ...(gate !== undefined && { gate }),
    proxies: config.network.proxies,
    prices,
    ...(isAsked && {
      onModelList: (list, name, url) => {
        const warning = checkEndpoint(list, name, withoutCredentials(url));
        if (warning !== null) warn(warning);
      },
    }),
  });
}
