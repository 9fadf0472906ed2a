import type { HistoryItem } from '../history/history-item.js';
import type { ChatMessage, ModelReply, ToolDefinition } from '../models/model.js';
import { OutputFault } from '../parsing/output-fault.js';
import { checkAction } from './check-action.js';
import type { Dialect, DialectConfig, FaultTexts, Turn } from './dialect.js';
import { faultText, outputKind } from './fault-text.js';
import { resolveCall } from './resolve-call.js';
import { sendableCalls } from './sendable-calls.js';
import { definitionOf, type Tool } from './tool.js';
import { createTools } from './tool-definitions.js';

const ONE_CALL = 'Answer again with exactly one call of a tool. What you think goes into the text of the same answer.';

/** Actions are calls of tools; the text beside a call is the thought. One call a round: more are asked for again. */
export class ToolsDialect implements Dialect {
  readonly tools: readonly ToolDefinition[];
  readonly #config: DialectConfig;
  readonly #texts: FaultTexts;
  readonly #tools: ReadonlyMap<string, Tool>;

  constructor(config: DialectConfig, texts: FaultTexts) {
    this.#config = config;
    this.#texts = texts;
    this.#tools = createTools(config.commands);
    this.tools = [...this.#tools.values()].map(definitionOf);
  }

  parse(reply: ModelReply): Turn | OutputFault {
    const turn = this.#turnOf(reply);
    return turn instanceof OutputFault ? outputKind(reply, turn) : turn;
  }

  requery(messages: readonly ChatMessage[], reply: ModelReply, fault: OutputFault): ChatMessage[] {
    const calls = sendableCalls(reply.toolCalls);
    const length = reply.finishReason === 'length' ? ' It was cut off because it was too long: write less.' : '';
    const text = `Your output was not executed: ${fault.reason}.${length}\n${ONE_CALL}\n`;
    const told = faultText(this.#texts, fault, text, calls.length);
    const reasoning = reply.reasoning === null ? {} : { reasoning: reply.reasoning };
    if (calls.length === 0) {
      return [...messages, { role: 'assistant', content: reply.text }, { role: 'user', content: told }];
    }
    return [
      ...messages,
      { role: 'assistant', content: reply.text, toolCalls: calls, ...reasoning },
      ...calls.map(({ id }) => ({ role: 'tool' as const, content: told, toolCallId: id })),
    ];
  }

  assistantItem(agent: string, reply: ModelReply, { thought, action, call }: Turn): HistoryItem {
    const calls = call ? { tool_calls: [call] } : {};
    const reasoning = reply.reasoning === null ? {} : { reasoning: reply.reasoning };
    return { role: 'assistant', content: reply.text, thought, action, agent, ...calls, ...reasoning };
  }

  promptItem(agent: string, content: string, history: readonly HistoryItem[]): HistoryItem {
    const call = history.at(-1)?.tool_calls?.[0];
    return call ? { role: 'tool', content, agent, tool_call_id: call.id } : { role: 'user', content, agent };
  }

  #turnOf(reply: ModelReply): Turn | OutputFault {
    const [call, ...more] = sendableCalls(reply.toolCalls);
    if (!call) return new OutputFault('format', 'missing', 'it holds no call of a tool');
    if (more.length > 0) {
      return new OutputFault('format', 'multiple', `it holds ${more.length + 1} calls of tools, and none was made`);
    }
    const resolved = resolveCall(this.#tools, reply.toolCalls[0] ?? call);
    if (resolved instanceof OutputFault) return resolved;
    return checkAction(this.#config, resolved.action) ?? { thought: reply.text, ...resolved, call };
  }
}
