import type { Model, ModelReply, ModelRequest } from '../../agent/models/model.js';
import type { TeacherSettings } from '../../agent/models/teacher-settings.js';
import type { Journal, PromptStamp } from '../journal/journal.js';
import type { CallMeter } from './teacher.js';

/** What a teacher is made of. */
export interface TeacherSetup {
  model: Model;
  /** How answers are drawn, over what prompts and agents ask for; null and unset: as those do. */
  settings?: Partial<Pick<TeacherSettings, 'temperature' | 'top_p' | 'max_tokens' | 'extra_body'>>;
  journal: Journal;
  /** Begins the keys of all its questions: the id of the candidate. */
  prefix: string;
  meter: CallMeter;
  signal: AbortSignal;
}

/** A question as it is kept: in the words of the wire, so that people and other programs can read it. */
export interface KeptQuestion {
  /** Below the prefix. */
  key: string;
  /** What decides whether two questions are the same; the model and how answers are drawn are added. */
  question: Readonly<Record<string, unknown>>;
  stamp: PromptStamp | null;
}

/** The way from a teacher's questions to its model: each is asked once, kept and paid for. */
export class QuestionLine {
  /** Keys whose answers were charged. */
  readonly #charged = new Set<string>();

  constructor(readonly teacher: TeacherSetup) {}

  /**
   * @returns the answer as it was kept
   * @throws what the model, the meter and the journal throw
   */
  async ask(kept: KeptQuestion, request: ModelRequest): Promise<{ reply: ModelReply; isKept: boolean }> {
    const { model, settings = {}, journal, prefix, meter, signal } = this.teacher;
    const key = `${prefix}/${kept.key}`;
    const wished: ModelRequest = {
      ...request,
      ...definedOf({
        temperature: settings.temperature ?? request.temperature,
        topP: settings.top_p ?? request.topP,
        maxTokens: settings.max_tokens ?? request.maxTokens,
      }),
      signal: request.signal ?? signal,
    };
    const extra = settings.extra_body ?? {};
    const question = {
      model: model.name,
      temperature: wished.temperature,
      top_p: wished.topP,
      max_tokens: wished.maxTokens,
      seed: wished.seed,
      ...(Object.keys(extra).length > 0 && { extra_body: extra }),
      ...kept.question,
    };
    const { answer: reply, isKept } = await journal.once(
      key,
      question,
      () => meter.ask(() => model.query(wished), wished.signal ?? signal),
      (answer: ModelReply) => ({ ...(kept.stamp && { prompt: kept.stamp }), model: model.name, ...costOf(answer) }),
    );
    if (!isKept || !this.#charged.has(key)) {
      this.#charged.add(key);
      const { inputTokens, outputTokens } = reply.usage;
      meter.charge({ usd: reply.costUsd, input_tokens: inputTokens, output_tokens: outputTokens });
    }
    return { reply, isKept };
  }
}

function costOf({ usage, costUsd }: ModelReply) {
  return {
    usage: {
      input_tokens: usage.inputTokens,
      cached_input_tokens: usage.cachedInputTokens,
      output_tokens: usage.outputTokens,
      is_estimated: usage.estimated,
    },
    cost_usd: costUsd,
  };
}

function definedOf<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
