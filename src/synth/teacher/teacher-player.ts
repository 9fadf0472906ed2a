import type { ChatMessage, ModelReply, ModelRequest } from '../../agent/models/model.js';
import { ModelError } from '../../agent/models/model.js';
import { canonicalHash } from '../journal/canonical-json.js';
import { StageFault } from '../stage.js';
import { keptMessages } from './kept-messages.js';
import type { QuestionLine } from './question-line.js';
import type { Player } from './teacher.js';
import { teacherFailure } from './teacher-failure.js';

/** The question before, as its messages were kept. */
interface Turn {
  key: string;
  messages: readonly string[];
}

/** The teacher in an episode. The nth question is kept under `<key>/<n>`, with what its chat has more than the one before. */
export class TeacherPlayer implements Player {
  readonly name: string;
  readonly contextTokens: number | null;
  readonly answersWithAction?: boolean;
  #fault: unknown = null;
  #turns = 0;
  #before: Turn | null = null;

  constructor(
    private readonly line: QuestionLine,
    private readonly key: string,
  ) {
    const { model } = line.teacher;
    this.name = model.name;
    this.contextTokens = model.contextTokens;
    this.answersWithAction = model.answersWithAction;
  }

  get fault(): unknown {
    return this.#fault;
  }

  countTokens(messages: readonly ChatMessage[]): number {
    return this.line.teacher.model.countTokens(messages);
  }

  async query(request: ModelRequest): Promise<ModelReply> {
    const { signal } = this.line.teacher;
    const turn = this.#turns++;
    const key = `${this.key}/${turn}`;
    const question = { turn, ...this.#question(key, request) };
    try {
      const asked = { ...request, signal: request.signal ? AbortSignal.any([signal, request.signal]) : signal };
      const { reply, isKept } = await this.line.ask({ key, question, stamp: null }, asked);
      if (isKept) {
        if (reply.reasoning) request.onReasoning?.(reply.reasoning);
        if (reply.text) request.onText?.(reply.text);
      }
      return reply;
    } catch (error) {
      this.#fault ??= this.#faultOf(error, request.signal);
      throw error;
    }
  }

  #question(key: string, request: ModelRequest): Record<string, unknown> {
    const messages = keptMessages(request.messages);
    const texts = messages.map((message) => JSON.stringify(message));
    const before = this.#before;
    this.#before = { key, messages: texts };
    let same = 0;
    while (before && same < texts.length && texts[same] === before.messages[same]) same++;
    return {
      ...(request.tools && request.tools.length > 0 && { tools: request.tools }),
      chat_sha256: canonicalHash(messages),
      ...(before && { continues: { key: before.key, messages: same } }),
      messages: messages.slice(same),
    };
  }

  /** What the model or the loop around it is at fault for belongs into the episode. */
  #faultOf(error: unknown, ofLoop: AbortSignal | undefined): unknown {
    const { model, signal } = this.line.teacher;
    if (signal.aborted) return signal.reason;
    if (ofLoop?.aborted) return null;
    if (!(error instanceof ModelError)) return error;
    const failure = teacherFailure(error, model.name);
    return failure instanceof StageFault ? failure : null;
  }
}
