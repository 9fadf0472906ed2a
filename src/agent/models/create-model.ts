import type { HumanTerminal } from './human-model.js';
import type { Model } from './model.js';
import type { ModelList } from './model-list.js';
import type { OpenAiSettings } from './openai-settings.js';
import { PriceTable } from './prices.js';

/** What a model that is named by a text is made with. */
export interface ModelSettings extends Partial<Omit<OpenAiSettings, 'model' | 'counter'>> {
  /** `tokenizer.json` of the model, or its directory: tokens are counted exactly. */
  tokenizer?: string;
  /** Where a person is, for `human`. */
  terminal?: HumanTerminal;
  /** Words that end commands of many lines, by command, for `human`. */
  endNames?: Readonly<Record<string, string>>;
  /** Told what an endpoint lists before the model is made; what it throws keeps the model from being made. */
  onModelList?: (list: ModelList, model: string, baseUrl: string) => void;
}

/** The model cannot be made; the message says what to change. */
class ModelSpecError extends Error {
  override readonly name = 'ModelSpecError';
}

const OPENAI_URL = 'https://api.openai.com/v1';
/** MLGym's word for its models; what follows is the name that the endpoint knows. */
const ENDPOINT = /^(?:openai|litellm):/;

/**
 * Makes a model from its name.
 * @param spec `NAME` or `openai:NAME` of an endpoint; `script:FILE`, `replay:FILE.traj`, `human`, `submit-baseline`
 * @throws ModelSpecError, ModelFileError, PriceFileError
 */
export async function createModel(spec: string, settings: ModelSettings = {}): Promise<Model> {
  const file = /^(?:script|replay):(.*)$/s.exec(spec)?.[1];
  if (file === '') throw new ModelSpecError(`${spec} names no file.`);
  if (spec.startsWith('script:')) return (await import('./read-model-script.js')).readModelScript(file!);
  if (spec.startsWith('replay:')) return (await import('./replay-model.js')).ReplayModel.fromFile(file!);
  switch (spec) {
    case 'human': {
      const { HumanModel } = await import('./human-model.js');
      return new HumanModel(settings.terminal ?? { input: process.stdin, output: process.stdout }, settings.endNames);
    }
    case 'submit-baseline':
    case 'submit_baseline': {
      const { SubmitBaselineModel } = await import('./submit-baseline-model.js');
      return new SubmitBaselineModel();
    }
    default:
      return endpointModel(spec.replace(ENDPOINT, ''), settings);
  }
}

async function endpointModel(model: string, settings: ModelSettings): Promise<Model> {
  if (model.trim() === '')
    throw new ModelSpecError('The model has no name: openai:NAME, script:FILE, replay:FILE.traj, human.');
  const { tokenizer, terminal: _terminal, endNames: _endNames, onModelList, ...given } = settings;
  const baseUrl = (settings.baseUrl ?? OPENAI_URL).replace(/\/+$/, '');
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new ModelSpecError(`${baseUrl} is no base URL of an endpoint; one looks like http://127.0.0.1:8000/v1.`);
  }
  const { username, password } = new URL(baseUrl);
  if (username !== '' || password !== '') {
    throw new ModelSpecError(
      'The base URL of the endpoint holds a name or a password, which nobody is sent: take it out, and put the key into OPENAI_API_KEY.',
    );
  }
  const whole = /^(.*?)(?:\/chat)?\/completions$/.exec(baseUrl);
  if (whole) throw new ModelSpecError(`${baseUrl} goes too far for a base URL: ${whole[1]} is what it takes.`);
  if (baseUrl === OPENAI_URL && !settings.apiKey) {
    throw new ModelSpecError(
      `${model} would be asked at ${OPENAI_URL}, which takes a key: set OPENAI_API_KEY, or name another endpoint with --base-url (OPENAI_BASE_URL).`,
    );
  }
  const [{ OpenAiModel }, counter] = await Promise.all([import('./openai-model.js'), counterOf(tokenizer)]);
  const prices = settings.prices ?? PriceTable.builtIn;
  const known = settings.contextTokens ?? prices.contextTokens(model);
  const list = known === null || onModelList ? await modelList(baseUrl, model, settings) : null;
  if (list) onModelList?.(list, model, baseUrl);
  const contextTokens = known ?? list?.contextTokens ?? null;
  if (contextTokens !== null && settings.maxTokens !== undefined && settings.maxTokens >= contextTokens) {
    throw new ModelSpecError(
      `${model} has ${contextTokens} tokens for question and answer; ${settings.maxTokens} for the answer alone leave no room.`,
    );
  }
  return new OpenAiModel({ ...given, model, baseUrl, counter, prices, contextTokens });
}

async function counterOf(tokenizer: string | undefined) {
  if (tokenizer === undefined) return undefined;
  return (await import('./tokenizer-tokens.js')).TokenizerTokens.fromFile(tokenizer);
}

async function modelList(baseUrl: string, model: string, settings: ModelSettings): Promise<ModelList> {
  const { askModelList } = await import('./model-list.js');
  return askModelList(baseUrl, model, settings);
}
