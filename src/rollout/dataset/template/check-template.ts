import { Template } from '@huggingface/jinja';
import { RunError } from '../../../run/run-error.js';
import type { Chat } from './chat.js';
import { renderChat, TEMPLATE } from './render-chat.js';
import type { StudentTemplate } from './student-template.js';

/** Shown of each text where they part. */
const SHOWN_BEFORE = 60;
const SHOWN_BEHIND = 100;

/**
 * Compares the template that a student brings with ours on some chats.
 * @returns words for people when its template cannot be rendered here; null: both write the same
 * @throws RunError that shows where they part
 */
export function checkTemplate({ file, source }: StudentTemplate, chats: readonly Chat[]): string | null {
  for (const chat of chats.map(withoutEdges)) {
    const ours = renderChat(chat).text;
    let theirs: string;
    try {
      const tools = chat.tools.length === 0 ? null : chat.tools.map((tool) => JSON.parse(tool) as unknown);
      theirs = new Template(source).render({ messages: chat.messages, tools, add_generation_prompt: false });
    } catch (error) {
      return `The template in ${file} cannot be rendered here and was not compared: ${(error as Error).message}`;
    }
    if (theirs !== ours) throw new RunError(difference(file, ours, theirs), REMEDY);
  }
  return null;
}

const REMEDY =
  'Rows would not be what the student sees: name the tokenizer of a Qwen3 model with thinking (Qwen3-4B, Qwen3-8B), or one without a template.';

/** The library strips more than Python does where a template asks for line breaks. */
function withoutEdges({ messages, tools }: Chat): Chat {
  const trimmed = messages.map((message) =>
    message.role === 'assistant' ? { ...message, content: message.content.trim() } : message,
  );
  return { messages: trimmed, tools };
}

function difference(file: string, ours: string, theirs: string): string {
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at++;
  const shown = (text: string) => JSON.stringify(text.slice(Math.max(0, at - SHOWN_BEFORE), at + SHOWN_BEHIND));
  return (
    `The template in ${file} is not ${TEMPLATE.name}'s: a row differs from character ${at} on.\n` +
    `  ${TEMPLATE.name}: ${shown(ours)}\n  student: ${shown(theirs)}`
  );
}
