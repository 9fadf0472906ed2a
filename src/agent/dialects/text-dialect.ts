import type { HistoryItem } from '../history/history-item.js';
import type { ChatMessage, ModelReply } from '../models/model.js';
import { createParser, type TextParserName } from '../parsing/create-parser.js';
import { OutputFault } from '../parsing/output-fault.js';
import type { ResponseParser } from '../parsing/response-parser.js';
import { checkAction } from './check-action.js';
import type { Dialect, DialectConfig, FaultTexts, Turn } from './dialect.js';
import { faultText, outputKind } from './fault-text.js';

/** Thought and action are one text: MLGym's and SWE-agent's way. */
export class TextDialect implements Dialect {
  readonly tools = [];
  readonly #config: DialectConfig;
  readonly #texts: FaultTexts;
  readonly #parser: ResponseParser;

  constructor(config: DialectConfig, parser: TextParserName, texts: FaultTexts) {
    this.#config = config;
    this.#texts = texts;
    this.#parser = createParser(parser, config.commands);
  }

  parse(reply: ModelReply): Turn | OutputFault {
    const parsed = this.#parser.parse(reply.text);
    const fault = parsed instanceof OutputFault ? parsed : checkAction(this.#config, parsed.action);
    if (fault) return outputKind(reply, fault);
    return { ...(parsed as Exclude<typeof parsed, OutputFault>), sent: null, call: null };
  }

  requery(messages: readonly ChatMessage[], reply: ModelReply, fault: OutputFault): ChatMessage[] {
    return [
      ...messages,
      { role: 'assistant', content: reply.text },
      { role: 'user', content: faultText(this.#texts, fault, this.#parser.formatErrorTemplate) },
    ];
  }

  assistantItem(agent: string, reply: ModelReply, { thought, action }: Turn): HistoryItem {
    const reasoning = reply.reasoning === null ? {} : { reasoning: reply.reasoning };
    return { role: 'assistant', content: reply.text, thought, action, agent, ...reasoning };
  }

  promptItem(agent: string, content: string): HistoryItem {
    return { role: 'user', content, agent };
  }
}
