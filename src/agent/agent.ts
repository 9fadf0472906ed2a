import type { Episode } from '../client/index.js';
import type { Action, StepResult } from '../protocol/index.js';
import { pythonStrip } from '../python/python-strip.js';
import type { AgentListener } from './agent-listener.js';
import type { AgentStep, ModelCallRecord, StopReason } from './agent-run.js';
import type { AgentConfig } from './config/agent-config.js';
import { askForAction } from './dialects/ask-for-action.js';
import type { Dialect, Turn } from './dialects/dialect.js';
import { exitTurn, LimitReached } from './exit-turn.js';
import type { HistoryItem } from './history/history-item.js';
import type { CostMeter } from './models/cost-meter.js';
import { type ChatMessage, type Model, ModelError, type ModelReply } from './models/model.js';
import type { PromptRenderer } from './prompts/prompt-renderer.js';
import { takeStep } from './take-step.js';

/** What an agent is made of. */
export interface AgentParts {
  /** Name that the items of the history carry. */
  name: string;
  config: AgentConfig;
  model: Model;
  dialect: Dialect;
  prompts: PromptRenderer;
  /** What the model sees of the history. */
  view: (history: readonly HistoryItem[]) => readonly ChatMessage[];
  meter: CostMeter;
  /** Most input tokens of one call; null: no limit but the model's own. */
  contextTokens: number | null;
  listener: AgentListener;
}

/** What is decided in a round, before the environment answers. */
interface Decision {
  turn: Turn;
  item: HistoryItem;
  /** Set when the agent gives up with it: why, and what went wrong. */
  stop: StopReason | null;
  failure: string | null;
}

/** The policy in one episode: prompt, model, action, observation, round after round. */
export class Agent {
  readonly history: HistoryItem[];
  readonly steps: AgentStep[] = [];
  /** Set when the agent gave up: why, and what went wrong. */
  stop: StopReason | null = null;
  failure: string | null = null;
  /** What the next prompt tells. */
  #seen: { text: string; observation: StepResult['observation'] };

  /**
   * @param opening system message and demonstrations
   * @param observation what the reset returned
   */
  constructor(
    private readonly parts: AgentParts,
    private readonly episode: Episode,
    opening: readonly HistoryItem[],
    observation: StepResult['observation'],
  ) {
    this.history = [...opening];
    this.#seen = { text: '', observation };
  }

  /**
   * Plays one round. Whatever goes wrong on the way to an action becomes an action that gives up, and is played.
   * @param asking fires when the model is to be asked no more; its reason, a `LimitReached`, says why
   * @param signal fires when the round is to be dropped as it is
   * @returns whether the episode is over for this agent
   * @throws RpcError, ClientError when the environment failed; the reason of `signal`
   */
  async round(asking: AbortSignal, signal: AbortSignal): Promise<boolean> {
    const { listener } = this.parts;
    const { state } = this.#seen.observation;
    const calls: ModelCallRecord[] = [];
    const { turn, item, stop, failure } = await this.#decide(calls, AbortSignal.any([asking, signal]));
    signal.throwIfAborted();
    const { thought, action } = turn;
    this.history.push(item);
    this.stop = stop;
    this.failure = failure;
    listener.onAction?.(thought, action);
    const sent = turn.sent ?? this.#submission(action);
    const onOutput = listener.onOutput && ((chunk: Uint8Array) => listener.onOutput?.(chunk));
    const startedMs = performance.now();
    const { result, text } = await takeStep(this.episode, sent ?? action, { signal, onOutput });
    const execution_time = (performance.now() - startedMs) / 1000;
    this.#seen = { text, observation: result.observation };
    const said = { state, response: item.content, thought, action, sent };
    this.steps.push({ ...said, execution_time, observation: text, result, calls });
    return result.terminated || result.truncated || stop !== null;
  }

  async #decide(calls: ModelCallRecord[], asking: AbortSignal): Promise<Decision> {
    const { name, dialect } = this.parts;
    try {
      this.#prompt();
      const { reply, turn, gaveUp } = await this.#answer(calls, asking);
      const item = dialect.assistantItem(name, reply, turn);
      return { turn, item, stop: gaveUp ? 'format' : null, failure: null };
    } catch (error) {
      const { stop, failure, response, ...said } = exitTurn(asking.aborted ? asking.reason : error);
      const item: HistoryItem = { role: 'assistant', content: response, ...said, agent: name };
      return { turn: { ...said, sent: null, call: null }, item, stop, failure };
    }
  }

  #prompt(): void {
    const { name, dialect, prompts, listener } = this.parts;
    const { text, observation } = this.#seen;
    const { state, step: currentStep, remaining_steps: remainingSteps } = observation;
    const facts = { state, currentStep, remainingSteps };
    const content = this.steps.length === 0 ? prompts.first(facts) : prompts.next(text, facts);
    const item = dialect.promptItem(name, content, this.history);
    this.history.push(item);
    listener.onPrompt?.(item, { step: currentStep, remainingSteps });
  }

  async #answer(
    calls: ModelCallRecord[],
    asking: AbortSignal,
  ): Promise<{ reply: ModelReply; turn: Turn; gaveUp: boolean }> {
    const { model, dialect, config, view, listener } = this.parts;
    const messages = view(this.history);
    const ask = (chat: readonly ChatMessage[]) => this.#ask(chat, calls, asking);
    if (model.answersWithAction) {
      const reply = await ask(messages);
      return { reply, turn: { thought: '', action: reply.text, sent: null, call: null }, gaveUp: false };
    }
    const answer = await askForAction(dialect, config.source, messages, {
      ask,
      onRejected: ({ kind, reason }, attempt) => {
        calls[calls.length - 1]!.rejected = kind;
        listener.onRequery?.(reason, attempt);
      },
    });
    // The one that MLGym asks for and does not read.
    if (answer.gaveUp) calls[calls.length - 1]!.rejected ??= 'format';
    return answer;
  }

  async #ask(messages: readonly ChatMessage[], calls: ModelCallRecord[], signal: AbortSignal): Promise<ModelReply> {
    const { model, dialect, meter, contextTokens, listener } = this.parts;
    signal.throwIfAborted();
    if (meter.reached) throw new LimitReached(meter.reached);
    if (contextTokens !== null && model.countTokens(messages) > contextTokens) throw new LimitReached('context');
    const { tools } = dialect;
    const { onText, onReasoning, onRetry } = listener;
    const listening = {
      ...(onText && { onText: onText.bind(listener) }),
      ...(onReasoning && { onReasoning: onReasoning.bind(listener) }),
      ...(onRetry && { onRetry: onRetry.bind(listener) }),
    };
    try {
      const reply = await model.query({ messages, signal, ...(tools.length > 0 && { tools }), ...listening });
      meter.add(reply, model.name);
      calls.push(callRecord(reply));
      return reply;
    } catch (error) {
      if (error instanceof ModelError && error.attempts > 0) calls.push(failedCall(error));
      throw error;
    }
  }

  /** The environment knows one word for a submission; an agent may be told another. */
  #submission(action: string): Action | null {
    const { submitCommand } = this.parts.config;
    return submitCommand !== 'submit' && pythonStrip(action) === submitCommand ? { type: 'submit' } : null;
  }
}

type Facts = Pick<ModelReply, 'usage' | 'costUsd' | 'attempts' | 'latencyMs' | 'finishReason'>;

function callRecord({ usage, costUsd, attempts, latencyMs, finishReason }: Facts): ModelCallRecord {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    estimated: usage.estimated,
    cost_usd: costUsd,
    attempts,
    latency_ms: latencyMs,
    finish_reason: finishReason,
    rejected: null,
  };
}

/** Nothing came of it, and what it cost is not known. */
function failedCall({ attempts, code }: ModelError): ModelCallRecord {
  const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, estimated: true };
  return { ...callRecord({ usage, costUsd: null, attempts, latencyMs: 0, finishReason: null }), rejected: code };
}
