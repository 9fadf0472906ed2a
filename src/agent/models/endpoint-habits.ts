import type { Failure } from './failure.js';
import type { MaxTokensField, OpenAiSettings } from './openai-settings.js';

/** What an endpoint takes. Learned from its refusals and kept for the requests that follow. */
export interface EndpointHabits {
  maxTokensField: MaxTokensField;
  /** Whether it takes `stream_options`, and so says at the end of a stream how many tokens it was. */
  takesStreamOptions: boolean;
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
  };
}

/** The habits as one question meets them: other questions may change them meanwhile. */
export class RequestHabits {
  #sent: EndpointHabits;
  #hasSwitched = false;

  constructor(
    private readonly shared: EndpointHabits,
    private readonly settings: OpenAiSettings,
  ) {
    this.#sent = { ...shared };
  }

  /** @returns what the next request is made for */
  current(): EndpointHabits {
    this.#sent = { ...this.shared };
    return this.#sent;
  }

  /** @returns whether a field that the endpoint refused is left out, or called by its other name, from now on */
  adapt({ refusal }: Failure): boolean {
    if (refusal === null) return false;
    if (this.#sent.takesStreamOptions && refusal.includes('stream_options')) {
      this.shared.takesStreamOptions = false;
      return true;
    }
    const { maxTokens, maxTokensField: isChosen } = this.settings;
    const field = this.#sent.maxTokensField;
    if (maxTokens === undefined || isChosen || this.#hasSwitched || !refusal.includes(field)) return false;
    this.#hasSwitched = true;
    this.shared.maxTokensField = field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
    return true;
  }
}
