import type { Chat, TemplateMessage } from './chat.js';
import type { ChatText } from './chat-text.js';
import { splitThinking } from './split-thinking.js';
import { stripLeadingBreaks } from './strip-breaks.js';

/**
 * How an assistant turn is written. `hidden`: before the last query of the user, without its thinking. `shown`: behind it, with its
 * thinking where it has any. `last`: behind it and at the end of the chat, where a block of thinking always stands.
 */
export type TurnForm = 'hidden' | 'shown' | 'last';

const TOOLS_BEFORE =
  '# Tools\n\nYou may call one or more functions to assist with the user query.\n\n' +
  'You are provided with function signatures within <tools></tools> XML tags:\n<tools>';
const TOOLS_BEHIND =
  '\n</tools>\n\nFor each function call, return a json object with function name and arguments within ';

/** Writes the system message, with the tools in it. */
export function writeOpening(text: ChatText, { messages, tools }: Chat): void {
  const system = messages[0]?.role === 'system' ? messages[0].content : null;
  if (tools.length === 0) {
    if (system !== null) writePlain(text, 'system', system);
    return;
  }
  text.mark('<|im_start|>').text('system\n');
  if (system !== null) text.text(`${system}\n\n`);
  text.text(TOOLS_BEFORE);
  for (const tool of tools) text.text(`\n${tool}`);
  text.text(TOOLS_BEHIND).mark('<tool_call>').mark('</tool_call>').text(' XML tags:\n').mark('<tool_call>');
  text.text('\n{"name": <function-name>, "arguments": <args-json-object>}\n').mark('</tool_call>');
  text.mark('<|im_end|>').text('\n');
}

/**
 * Writes a message behind those before it; the system message that opens a chat is written by `writeOpening`.
 * @returns where the words of an assistant begin and end, its end mark included, in UTF-16 units; null for others
 */
export function writeMessage(
  text: ChatText,
  messages: readonly TemplateMessage[],
  index: number,
  form: TurnForm,
): { begin: number; end: number } | null {
  const message = messages[index]!;
  if (message.role === 'assistant') return writeAssistant(text, message, form);
  if (message.role !== 'tool') writePlain(text, message.role, message.content);
  else writeResult(text, message.content, messages[index - 1]?.role !== 'tool', messages[index + 1]?.role !== 'tool');
  return null;
}

function writePlain(text: ChatText, role: string, content: string): void {
  text.mark('<|im_start|>').text(`${role}\n`).text(content).mark('<|im_end|>').text('\n');
}

/** Results of calls that follow each other share one turn of the user. */
function writeResult(text: ChatText, content: string, isFirst: boolean, isLast: boolean): void {
  if (isFirst) text.mark('<|im_start|>').text('user');
  text.text('\n').mark('<tool_response>').text('\n').text(content).text('\n').mark('</tool_response>');
  if (isLast) text.mark('<|im_end|>').text('\n');
}

function writeAssistant(text: ChatText, message: TemplateMessage, form: TurnForm): { begin: number; end: number } {
  const { thinking, said, isThinking } = splitThinking(message.content, message.reasoning_content);
  text.mark('<|im_start|>').text('assistant\n');
  let begin = text.length;
  if (form === 'last' || (form === 'shown' && isThinking)) {
    text.mark('<think>').text(`\n${thinking}\n`).mark('</think>').text('\n\n');
    // An empty block is the template's, not the assistant's.
    if (thinking === '') begin = text.length;
    text.text(stripLeadingBreaks(said));
  } else {
    text.text(said);
  }
  (message.tool_calls ?? []).forEach((call, index) => {
    if (index > 0 || said !== '') text.text('\n');
    text.mark('<tool_call>').text(`\n{"name": "${call.name}", "arguments": ${call.arguments}}\n`).mark('</tool_call>');
  });
  text.mark('<|im_end|>');
  const end = text.length;
  text.text('\n');
  return { begin, end };
}
