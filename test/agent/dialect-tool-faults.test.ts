import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDialect } from '../../src/agent/dialects/create-dialect.js';
import type { Turn } from '../../src/agent/dialects/dialect.js';
import type { ChatMessage, ModelReply } from '../../src/agent/models/model.js';
import { OutputFault } from '../../src/agent/parsing/output-fault.js';
import { Action } from '../../src/protocol/index.js';
import { CALLING, call, calling, faultOf, NO_TEXTS, turnOf } from './replies.js';

describe('outputs that cannot be used [F5]', () => {
  const many = Object.fromEntries('abcdefgh'.split('').map((name) => [name, 1]));
  it.each([
    [calling([]), 'format', 'missing', 'it holds no call of a tool'],
    [calling([], '```\nls\n```'), 'format', 'missing', 'it holds no call of a tool'],
    [calling([], ' '), 'empty', 'missing', 'it holds no call of a tool'],
    [calling([], '', { refusal: 'No.' }), 'refusal', 'missing', 'it holds no call of a tool'],
    [
      calling([call('submit'), call('submit', {}, 'c2')]),
      'format',
      'multiple',
      'it holds 2 calls of tools, and none was made',
    ],
    [
      calling([call('serch_dir', {})]),
      'format',
      'invalid_command',
      /^there is no tool "serch_dir", perhaps search_dir is meant; known are bash, /,
    ],
    [calling([call('', {})]), 'format', 'invalid_command', /^there is no tool "".*; known are bash, /],
    [calling([call('__proto__', {})]), 'format', 'invalid_command', /^there is no tool/],
    [
      calling([call('open', '{"path": ')]),
      'format',
      'invalid_json',
      'the arguments of open are no JSON; what was written begins with: {"path": ',
    ],
    [calling([call('open', 'x'.repeat(999))]), 'format', 'invalid_json', /: x{200}\.\.\.$/],
    [calling([call('open', '["a"]')]), 'format', 'invalid_json', /^the arguments of open are no JSON object/],
    [calling([call('open', 'null')]), 'format', 'invalid_json', /^the arguments of open are no JSON object/],
    [calling([call('open', '['.repeat(99_999))]), 'format', 'invalid_json', /^the arguments of open are no JSON;/],
    [calling([call('open', '')]), 'format', 'missing_arg', 'the call of open: it lacks "path"'],
    [calling([call('open', { path: null })]), 'format', 'missing_arg', 'the call of open: it lacks "path"'],
    [
      calling([call('edit', { text: 'x' })]),
      'format',
      'missing_arg',
      'the call of edit: it lacks "start_line", "end_line"',
    ],
    [
      calling([call('goto', { line: 1, ...many })]),
      'format',
      'unexpected_arg',
      'the call of goto: it has no "a", "b", "c", "d", "e" and 3 more; it takes "line"',
    ],
    [
      calling([call('goto', { line: '12' })]),
      'format',
      'invalid_arg',
      'the call of goto: "line" must be of type integer',
    ],
    [calling([call('goto', { line: -1 })]), 'format', 'invalid_arg', /^the call of goto: "line": /],
    [
      calling([call('goto', '{"line": 1e400}')]),
      'format',
      'invalid_arg',
      'the call of goto: "line" must be of type integer',
    ],
    [calling([call('goto', '{"line": 99999999999999999999}')]), 'format', 'invalid_arg', /^the call of goto: "line": /],
    [
      calling([call('bash', { command: ['ls'] })]),
      'format',
      'invalid_arg',
      'the call of bash: "command" must be of type string',
    ],
    [
      calling([call('bash', { command: 'ls', timeout_s: -1 })]),
      'format',
      'invalid_arg',
      /^the call of bash: "timeout_s": /,
    ],
    [calling([call('open', { path: '' })]), 'format', 'invalid_arg', /^the call of open: "path": /],
    [calling([call('bash', { command: ' \n' })]), 'format', 'blank', 'the action is blank'],
  ] as const)('%j is a fault: %s, %s, %s', (answer, kind, code, reason) => {
    const fault = faultOf(answer);
    expect(fault).toMatchObject({ kind, code });
    expect(fault.reason).toMatch(reason);
  });

  it('takes whole numbers that are written with a point', () => {
    expect(turnOf('goto', '{"line": 12.0}').sent).toEqual({ type: 'goto', line: 12 });
  });
});

const CHAT: readonly ChatMessage[] = [
  { role: 'system', content: 's' },
  { role: 'user', content: 'task' },
];

describe('asking again [F5]', () => {
  const dialect = createDialect(CALLING, NO_TEXTS);
  const ask = (answer: ModelReply, texts = NO_TEXTS) =>
    createDialect(CALLING, texts).requery(CHAT, answer, faultOf(answer)).slice(CHAT.length);

  it('answers every call of the output with what was wrong', () => {
    const answer = calling([call('bash', { command: 'ls' }), call('submit', {}, 'c2')], 'I do both.', {
      reasoning: 'hm',
    });
    const content = `Your output was not executed: it holds 2 calls of tools, and none was made.
Answer again with exactly one call of a tool. What you think goes into the text of the same answer.
`;
    expect(ask(answer)).toEqual([
      { role: 'assistant', content: 'I do both.', toolCalls: answer.toolCalls, reasoning: 'hm' },
      { role: 'tool', content, toolCallId: 'c1' },
      { role: 'tool', content, toolCallId: 'c2' },
    ]);
  });

  it('speaks as the user where nothing was called', () => {
    expect(ask(calling([]))).toEqual([
      { role: 'assistant', content: 'I look.' },
      { role: 'user', content: expect.stringMatching(/^Your output was not executed: it holds no call of a tool\.\n/) },
    ]);
  });

  it('gives calls back only in a form that endpoints take', () => {
    const answer = calling([
      call('functions.bash', '{"command": ', ''),
      call('', '[]', ''),
      call('x'.repeat(99), '', 'a'),
    ]);
    const [assistant, ...answers] = ask(answer);
    expect(assistant).toMatchObject({
      toolCalls: [
        { id: 'call_0', name: 'functions_bash', arguments: '{}' },
        { id: 'call_1', name: 'unknown', arguments: '{}' },
        { id: 'a', name: 'x'.repeat(64), arguments: '{}' },
      ],
    });
    expect(answers.map((message) => message.role === 'tool' && message.toolCallId)).toEqual(['call_0', 'call_1', 'a']);
  });

  it('says when an output was cut off', () => {
    const answer = calling([call('bash', '{"command": "ec')], '', { finishReason: 'length' });
    expect(ask(answer)[1]?.content).toContain('It was cut off because it was too long: write less.');
  });

  it("uses the agent's own words, and tells them what was wrong", () => {
    const formatError = (fault: Readonly<Record<string, string>>) => JSON.stringify(fault);
    const texts = { ...NO_TEXTS, formatError };
    expect(JSON.parse(ask(calling([call('fly')]), texts)[1]?.content ?? '')).toEqual({
      error_code: 'invalid_command',
      exception_message: expect.stringMatching(/^there is no tool "fly"/),
      num_tools: '1',
    });
  });

  it('keeps what the history needs: the call, its thinking, and the answer under its id', () => {
    const answer = calling([call('bash', { command: 'ls' }, '')], 'I look.', { reasoning: 'hm' });
    const turn = dialect.parse(answer) as Turn;
    const said = dialect.assistantItem('primary_0', answer, turn);
    expect(said).toEqual({
      ...{ role: 'assistant', content: 'I look.', thought: 'I look.', action: 'ls', agent: 'primary_0' },
      tool_calls: [{ id: 'call_0', name: 'bash', arguments: '{"command":"ls"}' }],
      reasoning: 'hm',
    });
    expect(dialect.promptItem('primary_0', 'out', [said])).toEqual({
      ...{ role: 'tool', content: 'out', agent: 'primary_0', tool_call_id: 'call_0' },
    });
    const first = { role: 'system' as const, content: '', agent: 'primary_0' };
    expect(dialect.promptItem('primary_0', 'task', [first])).toEqual({
      role: 'user',
      content: 'task',
      agent: 'primary_0',
    });
  });
});

it('every output is either understood, and can be sent, or asked for again in a chat that endpoints take [F5]', () => {
  const names = fc.oneof(
    fc.constantFrom('bash', 'open', 'edit', 'goto', 'create', 'submit', 'fly', '', 'a b'),
    fc.string(),
  );
  const args = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record(
        {
          ...{ command: fc.string(), path: fc.string(), text: fc.string(), line: fc.integer({ min: -1, max: 9 }) },
          ...{ start_line: fc.nat(9), end_line: fc.nat(9), timeout_s: fc.double() },
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );
  const calls = fc.array(
    fc.record({ id: fc.constantFrom('', 'a', 'call_1', 'call_1_1'), name: names, arguments: args }),
    {
      maxLength: 3,
    },
  );
  const dialect = createDialect(CALLING, NO_TEXTS);
  fc.assert(
    fc.property(calls, fc.string(), (toolCalls, text) => {
      const answer = calling(toolCalls, text);
      const turn = dialect.parse(answer);
      if (!(turn instanceof OutputFault)) return Action.safeParse(turn.sent ?? turn.action).success;
      const [assistant, ...answers] = dialect.requery([], answer, turn);
      if (assistant?.role !== 'assistant') return false;
      const asked = (assistant.toolCalls ?? []).map(({ id }) => id);
      const valid = (assistant.toolCalls ?? []).every(
        (made) => /^[\w-]{1,64}$/.test(made.name) && typeof JSON.parse(made.arguments) === 'object',
      );
      const told = answers.map((message) => (message.role === 'tool' ? message.toolCallId : message.role));
      return valid && new Set(asked).size === asked.length && `${told}` === `${asked.length > 0 ? asked : ['user']}`;
    }),
    { numRuns: 2000 },
  );
});
