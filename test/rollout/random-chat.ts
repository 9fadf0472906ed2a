import fc from 'fast-check';
import type { Chat } from '../../src/rollout/dataset/template/chat.js';
import type { GenerationPrompt } from '../../src/rollout/dataset/template/render-chat.js';

/** What the template looks at, what breaks lines, and what has more than one unit, byte or code point. */
const WORDS = [
  '<think>',
  '</think>',
  '<tool_response>',
  '</tool_response>',
  '<tool_call>',
  '<|im_end|>',
  '\n',
  '\n\n',
  '\r\n',
  '\t',
  ' ',
  'import numpy as np',
  'x = 1',
  '```\nls -la\n```',
  'é',
  'e\u0301',
  '😀',
  '漢字',
  '\u2028',
  '\u00a0',
  '\u0000',
  '"quoted" \\ / <&>\'',
];
const content = fc.array(fc.constantFrom(...WORDS), { maxLength: 7 }).map((words) => words.join(''));
const ARGUMENTS = [
  '{}',
  '{"command": "ls -la"}',
  '{"path": "a/é.py", "line": 3, "deep": [1.5, null, true]}',
  'no JSON',
];
const call = fc.record({
  name: fc.constantFrom('bash', 'open', 'submit'),
  arguments: fc.constantFrom(...ARGUMENTS),
});
const message = fc.oneof(
  fc.record({ role: fc.constantFrom('system' as const, 'user' as const, 'tool' as const), content }),
  fc.record(
    {
      role: fc.constant('assistant' as const),
      content,
      tool_calls: fc.array(call, { maxLength: 3 }),
      reasoning_content: content,
    },
    { requiredKeys: ['role', 'content'] },
  ),
);
const TOOLS = [
  '{"type": "function", "function": {"name": "submit", "description": "Ends \\"it\\".", "parameters": {}}}',
  '{"type": "function", "function": {"name": "bash", "description": "Läuft <&> 😀", "parameters": {"type": "object", "properties": {"command": {"type": "string", "enum": []}}, "required": ["command"], "additionalProperties": false}}}',
];

/** Any chat, likely ones and ones that no agent plays. */
export const randomChat: fc.Arbitrary<Chat> = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 9 }),
  tools: fc.subarray(TOOLS),
});

export const randomPrompt: fc.Arbitrary<GenerationPrompt | null> = fc.constantFrom(
  null,
  {},
  { thinking: true },
  { thinking: false },
);
