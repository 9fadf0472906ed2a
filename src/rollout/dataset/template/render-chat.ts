import type { Chat } from './chat.js';
import { type ChatSegment, ChatText } from './chat-text.js';
import { isQuery } from './is-query.js';
import { writeMessage, writeOpening } from './write-message.js';

/** An assistant turn in the text of a chat. */
export interface RenderedTurn {
  /** Index of its message. */
  message: number;
  /** Of its words and its end mark in the text, in UTF-16 units: neither its role nor an empty block of thinking. */
  begin: number;
  end: number;
}

/** A chat as the template of the student writes it. */
export interface RenderedChat {
  text: string;
  /** The text in parts. */
  segments: readonly ChatSegment[];
  turns: readonly RenderedTurn[];
}

/** What is written behind the last message, for the student to go on. */
export interface GenerationPrompt {
  /** Whether it may think; unset: it decides. */
  thinking?: boolean;
}

/** Version of `renderChat`: another one writes other texts. */
export const TEMPLATE = { name: 'qwen3', version: '1' } as const;

/**
 * Writes a chat as the template that Qwen3 models ship with does.
 * @param prompt null: nothing is written behind the last message
 */
export function renderChat(chat: Chat, prompt: GenerationPrompt | null = null): RenderedChat {
  const { messages } = chat;
  const text = new ChatText();
  const turns: RenderedTurn[] = [];
  writeOpening(text, chat);
  // Without any query every turn counts as one before it.
  const query = messages.findLastIndex(isQuery);
  messages.forEach(({ role }, index) => {
    if (role === 'system' && index === 0) return;
    const isBehind = query >= 0 && index > query;
    const form = !isBehind ? 'hidden' : index === messages.length - 1 ? 'last' : 'shown';
    const words = writeMessage(text, messages, index, form);
    if (words) turns.push({ message: index, ...words });
  });
  if (prompt) {
    text.mark('<|im_start|>').text('assistant\n');
    if (prompt.thinking === false) text.mark('<think>').text('\n\n').mark('</think>').text('\n\n');
  }
  const { segments } = text;
  return { text: segments.map((segment) => segment.text).join(''), segments, turns };
}
