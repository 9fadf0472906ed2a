import OpenAI from 'openai';
import type { Answer } from './answer.js';
import { askWithRetries } from './ask-with-retries.js';
import { AttemptClock } from './attempt-clock.js';
import { classifyFailure } from './classify-failure.js';
import { endpointFetch } from './endpoint-fetch.js';
import { type EndpointHabits, expectedHabits, RequestHabits } from './endpoint-habits.js';
import { EstimatedTokens } from './estimated-tokens.js';
import type { Failure } from './failure.js';
import { failureHint } from './failure-hint.js';
import {
  type ChatMessage,
  type Model,
  ModelError,
  type ModelReply,
  type ModelRequest,
  type ModelUsage,
} from './model.js';
import type { OpenAiSettings } from './openai-settings.js';
import { readAnswer } from './read-answer.js';
import { type Redactor, redactor } from './redactor.js';
import { requestBody } from './request-body.js';
import { headersOf, requestEnd } from './request-end.js';
import type { GatePass } from './request-gate.js';
import { DEFAULT_RETRY, type RetryClock, type RetryPolicy, SYSTEM_CLOCK } from './retry-policy.js';
import { countChat, type TokenCounter } from './token-counter.js';

const DEFAULT_TIMEOUT_MS = 10 * 60_000;
/** The library's own limit must not come before ours, which says more. */
const SDK_MARGIN_MS = 10_000;
/** Shorter chats say more of what stands around texts than of texts. */
const CALIBRATION_TOKENS = 1000;
const DEFAULT_IDLE_TIMEOUT_MS = 3 * 60_000;

/** A model behind any endpoint that speaks chat completions. May be asked by many at once. */
export class OpenAiModel implements Model {
  readonly name: string;
  readonly contextTokens: number | null;
  readonly #settings: OpenAiSettings;
  readonly #client: OpenAI;
  readonly #counter: TokenCounter;
  readonly #policy: RetryPolicy;
  readonly #clock: RetryClock;
  readonly #redact: Redactor;
  readonly #habits: EndpointHabits;
  /** Tokens that the endpoint counted for each one estimated. */
  #calibration = 1;

  /** @throws Error when the base URL is none */
  constructor(settings: OpenAiSettings) {
    this.#settings = settings;
    this.name = settings.model;
    this.#counter = settings.counter ?? new EstimatedTokens();
    this.#policy = { ...DEFAULT_RETRY, ...settings.retry };
    this.#clock = settings.clock ?? SYSTEM_CLOCK;
    this.#redact = redactor(secretsOf(settings));
    const window =
      settings.contextTokens === undefined ? settings.prices?.contextTokens(settings.model) : settings.contextTokens;
    this.contextTokens = window === undefined || window === null ? null : window - (settings.maxTokens ?? 0);
    this.#habits = expectedHabits(settings);
    const key = settings.apiKey?.trim();
    this.#client = new OpenAI({
      // What is unset here is not taken from the environment instead.
      apiKey: key || 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      baseURL: settings.baseUrl,
      defaultHeaders: { ...(key ? {} : { Authorization: null }), ...settings.extraHeaders },
      maxRetries: 0,
      logLevel: 'off',
      fetch: endpointFetch(settings.proxies),
    });
  }

  async query(request: ModelRequest): Promise<ModelReply> {
    this.#checkLength(request.messages);
    const begunMs = this.#clock.now();
    const habits = new RequestHabits(this.#habits, this.#settings, request);
    let queuedMs = 0;
    const attempt = async (): Promise<Answer> => {
      const { gate } = this.#settings;
      if (!gate) return this.#attempt(request, habits.current());
      const cameMs = this.#clock.now();
      const pass = await gate.enter(request.signal);
      queuedMs += this.#clock.now() - cameMs;
      return this.#passing(pass, request, () => this.#attempt(request, habits.current(), pass));
    };
    const { answer, attempts } = await askWithRetries({
      attempt,
      queuedMs: () => queuedMs,
      classify: (error) => this.#classify(error),
      adapt: (failure) => habits.adapt(failure),
      onRetry: request.onRetry,
      policy: this.#policy,
      clock: this.#clock,
      signal: request.signal,
    });
    const { usage: counted, ...said } = answer;
    const usage: ModelUsage = counted ? { ...counted, estimated: false } : this.#estimate(request, answer);
    if (counted) this.#calibrate(request, counted.inputTokens);
    const costUsd = this.#settings.prices?.costUsd(this.name, usage) ?? null;
    return { ...said, usage, costUsd, attempts, latencyMs: this.#clock.now() - begunMs };
  }

  countTokens(messages: readonly ChatMessage[]): number {
    return Math.ceil(countChat(messages, this.#counter) * this.#calibration);
  }

  /** Tells the gate what a request came to, whatever that is. */
  async #passing(pass: GatePass, { signal }: ModelRequest, work: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await work();
      pass.leave({ kind: 'answered', tokens: (answer.usage?.inputTokens ?? 0) + (answer.usage?.outputTokens ?? 0) });
      return answer;
    } catch (error) {
      const headers = headersOf(error);
      if (headers) pass.told(headers);
      pass.leave(signal?.aborted ? { kind: 'dropped' } : requestEnd(error, this.#redact));
      throw error;
    }
  }

  async #attempt(request: ModelRequest, habits: EndpointHabits, pass?: GatePass): Promise<Answer> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = this.#settings;
    const clock = new AttemptClock(timeoutMs, idleTimeoutMs, request.signal);
    const body = requestBody(request, this.#settings, habits);
    try {
      const response = await this.#client
        .post('/chat/completions', { body, signal: clock.signal, timeout: timeoutMs + SDK_MARGIN_MS })
        .asResponse();
      pass?.told(response.headers);
      return await readAnswer(response, clock.controller, request, clock);
    } catch (error) {
      throw clock.verdict ?? error;
    } finally {
      clock.stop();
    }
  }

  #classify(error: unknown): Failure {
    const failure = classifyFailure(error, this.#redact);
    const hint = failureHint(failure, this.#settings);
    return hint === null ? failure : { ...failure, reason: `${failure.reason} (${this.#redact(hint)})` };
  }

  /** Learns from what the endpoint counted how far the estimate is off for chats of this kind. */
  #calibrate({ messages, tools }: ModelRequest, counted: number): void {
    const estimated = countChat(messages, this.#counter) + this.#counter.count(tools ? JSON.stringify(tools) : '');
    if (this.#counter.isExact || estimated < CALIBRATION_TOKENS || counted <= 0) return;
    this.#calibration = Math.min(3, Math.max(0.3, counted / estimated));
  }

  /** An estimate is not trusted with ending an episode: then it is the endpoint that says what is too long. */
  #checkLength(messages: readonly ChatMessage[]): void {
    if (this.contextTokens === null || !this.#counter.isExact) return;
    const tokens = this.countTokens(messages);
    if (tokens <= this.contextTokens) return;
    throw new ModelError(
      'context_window',
      `The chat has ${tokens} tokens; ${this.name} takes ${this.contextTokens}.`,
      0,
    );
  }

  #estimate(request: ModelRequest, answer: Answer): ModelUsage {
    const said = [
      answer.text,
      answer.reasoning,
      answer.refusal,
      ...answer.toolCalls.map((call) => `${call.name}${call.arguments}`),
    ];
    return {
      inputTokens: this.countTokens(request.messages),
      cachedInputTokens: 0,
      outputTokens: said.reduce((sum, text) => sum + this.#counter.count(text ?? ''), 0),
      estimated: true,
    };
  }
}

function secretsOf({ apiKey, extraHeaders = {}, baseUrl, proxies }: OpenAiSettings): (string | undefined)[] {
  const passwords = [baseUrl, proxies?.http, proxies?.https].map((url) =>
    url && URL.canParse(url) ? new URL(url).password : undefined,
  );
  return [apiKey, ...Object.values(extraHeaders), ...passwords];
}
