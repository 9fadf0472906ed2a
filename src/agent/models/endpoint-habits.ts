import type { Failure } from './failure.js';
import type { AnswerWishes } from './model.js';
import type { MaxTokensField, OpenAiSettings } from './openai-settings.js';

/** Fields that decide how an answer is drawn, as the wire calls them. */
export const SAMPLING_FIELDS = ['temperature', 'top_p', 'seed'] as const;
type SamplingField = (typeof SAMPLING_FIELDS)[number];

/** Ways to ask for JSON, from the one that enforces most. */
const FORMATS = ['json_schema', 'json_object', 'none'] as const;
type FormatHabit = (typeof FORMATS)[number];

/** Words about the form of an answer in refusals that do not name the field. */
const ABOUT_FORMAT = /response_format|response format|json_schema|json_object|structured output|json mode/i;

/** What an endpoint takes. Learned from its refusals and kept for the requests that follow. */
export interface EndpointHabits {
  maxTokensField: MaxTokensField;
  /** Whether it takes `stream_options`, and so says at the end of a stream how many tokens it was. */
  takesStreamOptions: boolean;
  /** How it is asked for JSON. */
  format: FormatHabit;
  /** Whether it takes wishes about how an answer is drawn: models that reason choose some of that themselves. */
  takes: Readonly<Record<SamplingField, boolean>>;
}

/**
 * @returns what an endpoint can be expected to take
 * @throws TypeError when the base URL is none
 */
export function expectedHabits(settings: OpenAiSettings): EndpointHabits {
  const { hostname } = new URL(settings.baseUrl);
  // OpenAI's newer models refuse the old name; servers of open models may pass the new one over without a word.
  const isOpenAi = /(?:^|\.)openai\.(?:com|azure\.com)$/.test(hostname);
  return {
    maxTokensField: settings.maxTokensField ?? (isOpenAi ? 'max_completion_tokens' : 'max_tokens'),
    takesStreamOptions: true,
    format: 'json_schema',
    takes: { temperature: true, top_p: true, seed: true },
  };
}

/** The habits as one question meets them: other questions may change them meanwhile. */
export class RequestHabits {
  #sent: EndpointHabits;
  #hasSwitched = false;
  /** The form that this question's schema is refused in, where others are not. */
  #ownFormat: FormatHabit | null = null;

  constructor(
    private readonly shared: EndpointHabits,
    private readonly settings: OpenAiSettings,
    private readonly wishes: AnswerWishes,
  ) {
    this.#sent = { ...shared };
  }

  /** @returns what the next request is made for */
  current(): EndpointHabits {
    this.#sent = { ...this.shared, format: lesser(this.shared.format, this.#ownFormat ?? 'json_schema') };
    return this.#sent;
  }

  /** @returns whether a field that the endpoint refused is left out, or called by its other name, from now on */
  adapt({ refusal }: Failure): boolean {
    if (refusal === null) return false;
    if (this.#sent.takesStreamOptions && refusal.includes('stream_options')) {
      this.shared.takesStreamOptions = false;
      return true;
    }
    if (this.#adaptFormat(refusal) || this.#adaptSampling(refusal)) return true;
    const maxTokens = this.wishes.maxTokens ?? this.settings.maxTokens;
    const { maxTokensField: isChosen } = this.settings;
    const field = this.#sent.maxTokensField;
    if (maxTokens === undefined || isChosen || this.#hasSwitched || !refusal.includes(field)) return false;
    this.#hasSwitched = true;
    this.shared.maxTokensField = field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
    return true;
  }
  #adaptFormat(refusal: string): boolean {
    const { format } = this.#sent;
    if (!this.wishes.format || format === 'none' || !ABOUT_FORMAT.test(refusal)) return false;
    const next = FORMATS[FORMATS.indexOf(format) + 1] ?? 'none';
    if (/invalid schema/i.test(refusal)) this.#ownFormat = next;
    else this.shared.format = lesser(this.shared.format, next);
    return true;
  }

  /** What the settings say is an order: when that is refused, a person decides. */
  #adaptSampling(refusal: string): boolean {
    const wished = { temperature: this.wishes.temperature, top_p: this.wishes.topP, seed: this.wishes.seed };
    const field = SAMPLING_FIELDS.find(
      (name) => this.#sent.takes[name] && wished[name] !== undefined && new RegExp(`\\b${name}\\b`).test(refusal),
    );
    if (field === undefined) return false;
    this.shared.takes = { ...this.shared.takes, [field]: false };
    return true;
  }
}

function lesser(one: FormatHabit, other: FormatHabit): FormatHabit {
  return FORMATS.indexOf(one) > FORMATS.indexOf(other) ? one : other;
}
