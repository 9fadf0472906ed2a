import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Chat } from '../../src/rollout/dataset/template/chat.js';
import { cutTokens } from '../../src/rollout/dataset/template/cut-tokens.js';
import { lossTokens } from '../../src/rollout/dataset/template/loss-tokens.js';
import { renderChat } from '../../src/rollout/dataset/template/render-chat.js';
import { randomChat, randomPrompt } from './random-chat.js';

const MARK = /(<\/?(?:think|tool_call|tool_response)>|<\|im_(?:start|end)\|>)/;

/** A tokenizer that keeps to borders as Qwen's does: a token a mark, line breaks and what surrounds them, and pairs of characters. */
function countPairs(text: string): number {
  const parts = text.split(MARK).flatMap((part, index) => (index % 2 === 1 ? ['x'] : part.split(/(\s*\n)/)));
  return parts.reduce((sum, part) => sum + Math.ceil(part.length / 2), 0);
}

function wordsOf(chat: Chat): string[] {
  const { text, turns } = renderChat(chat);
  return turns.map(({ begin, end }) => text.slice(begin, end));
}

test('system, queries and answers are turns between marks; the last answer has an empty block of thinking', () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: 'One.' },
    { role: 'user', content: 'Two?' },
    { role: 'assistant', content: 'Two.' },
  ] as const;
  expect(renderChat({ messages, tools: [] }).text).toBe(
    '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nOne?<|im_end|>\n<|im_start|>assistant\nOne.<|im_end|>\n' +
      '<|im_start|>user\nTwo?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nTwo.<|im_end|>\n',
  );
});

test('the words of an assistant are its text and its end mark, without role and empty thinking [T5]', () => {
  const messages = [
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: '<think>\nhm\n</think>\n\nOne.' },
    { role: 'user', content: 'Two?' },
    { role: 'assistant', content: 'Two.' },
    { role: 'tool', content: '2' },
    { role: 'assistant', content: '', tool_calls: [{ name: 'submit', arguments: '{}' }] },
  ] as const;
  expect(wordsOf({ messages, tools: [] } as unknown as Chat)).toEqual([
    'One.<|im_end|>',
    'Two.<|im_end|>',
    '<tool_call>\n{"name": "submit", "arguments": {}}\n</tool_call><|im_end|>',
  ]);
});

test('thinking behind the last query is among the words, and none is before it', () => {
  const messages = [
    { role: 'user' as const, content: 'One?' },
    { role: 'assistant' as const, content: 'One.', reasoning_content: 'hm' },
  ];
  expect(wordsOf({ messages, tools: [] })).toEqual(['<think>\nhm\n</think>\n\nOne.<|im_end|>']);
  const more = [...messages, { role: 'user' as const, content: 'Two?' }];
  expect(wordsOf({ messages: more, tools: [] })).toEqual(['One.<|im_end|>']);
});

test('results of calls that follow each other share a turn of the user', () => {
  const messages = [
    { role: 'user' as const, content: 'Go.' },
    { role: 'tool' as const, content: 'a' },
    { role: 'tool' as const, content: 'b' },
  ];
  expect(renderChat({ messages, tools: [] }, { thinking: false }).text).toBe(
    '<|im_start|>user\nGo.<|im_end|>\n<|im_start|>user\n<tool_response>\na\n</tool_response>\n<tool_response>\nb\n' +
      '</tool_response><|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n',
  );
});

test('segments are the text, and their tokens add up to its tokens [T3]', () => {
  fc.assert(
    fc.property(randomChat, randomPrompt, (chat, prompt) => {
      const { text, segments } = renderChat(chat, prompt);
      expect(segments.map((segment) => segment.text).join('')).toBe(text);
      expect(segments.every((segment) => segment.text !== '')).toBe(true);
      expect(segments.reduce((sum, segment) => sum + countPairs(segment.text), 0)).toBe(countPairs(text));
    }),
    { numRuns: 500 },
  );
});

test('tokens of a cut are those of the chat that ends there, for every assistant turn [T3]', () => {
  fc.assert(
    fc.property(randomChat, ({ messages, tools }) => {
      const learnt = messages.map(({ content }) => content.length % 2 === 0);
      const cuts = messages.flatMap(({ role }, index) => {
        if (role !== 'assistant') return [];
        const rendered = renderChat({ messages: messages.slice(0, index + 1), tools });
        const turns = rendered.turns.filter(({ message }) => learnt[message]);
        return [{ tokens: countPairs(rendered.text), loss: lossTokens(rendered, turns, countPairs) }];
      });
      expect(cutTokens({ messages, tools, learnt }, countPairs)).toEqual({
        ends: cuts.map(({ tokens }) => tokens),
        losses: cuts.map(({ loss }) => loss),
      });
    }),
    { numRuns: 2_000 },
  );
});

test('tokens of loss are those that begin in an assistant turn', () => {
  const messages = [
    { role: 'user' as const, content: 'One?' },
    { role: 'assistant' as const, content: 'abcd' },
    { role: 'user' as const, content: 'Two?' },
    { role: 'assistant' as const, content: 'abcdef' },
  ];
  const rendered = renderChat({ messages, tools: [] });
  expect(lossTokens(rendered, rendered.turns, countPairs)).toBe(2 + 1 + 3 + 1);
  expect(lossTokens(rendered, rendered.turns.slice(1), countPairs)).toBe(3 + 1);
});
