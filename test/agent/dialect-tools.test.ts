import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandDefinition } from '../../src/agent/config/agent-config.js';
import { createDialect } from '../../src/agent/dialects/create-dialect.js';
import type { DialectConfig, FaultTexts, Turn } from '../../src/agent/dialects/dialect.js';
import { toolDefinitions } from '../../src/agent/dialects/tool-definitions.js';
import type { ChatMessage, ModelReply, ToolCall } from '../../src/agent/models/model.js';
import { OutputFault } from '../../src/agent/parsing/output-fault.js';
import { Action } from '../../src/protocol/index.js';

const NO_TEXTS: FaultTexts = { formatError: () => null, blockError: (action) => `no ${action}` };
const CONFIG: DialectConfig = { source: 'gymsmith', parser: 'function_calling', commands: [], blocked: null };

function reply(toolCalls: readonly ToolCall[], text = 'I look.', more: Partial<ModelReply> = {}): ModelReply {
  const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, estimated: false };
  const facts = { finishReason: 'stop', refusal: null, usage, costUsd: null, attempts: 1, latencyMs: 1 };
  return { text, reasoning: null, toolCalls, ...facts, ...more };
}

function call(name: string, args: unknown = {}, id = 'c1'): ToolCall {
  return { id, name, arguments: typeof args === 'string' ? args : JSON.stringify(args) };
}

function turnOf(name: string, args: unknown, config = CONFIG): Turn {
  const turn = createDialect(config, NO_TEXTS).parse(reply([call(name, args)]));
  if (turn instanceof OutputFault) throw new Error(turn.reason);
  return turn;
}

function faultOf(answer: ModelReply, config = CONFIG): OutputFault {
  const fault = createDialect(config, NO_TEXTS).parse(answer);
  if (!(fault instanceof OutputFault)) throw new Error(`it was understood: ${fault.action}`);
  return fault;
}

describe('tools of the environment [F5]', () => {
  it.each([
    ['bash', { command: 'ls | wc' }, 'ls | wc', null],
    ['bash', { command: 'ls', timeout_s: null }, 'ls', null],
    ['bash', { command: 'x', timeout_s: 1.5 }, 'x', { type: 'command', command: 'x', timeout_s: 1.5 }],
    ['open', { path: 'a b.py' }, "open 'a b.py'", { type: 'open', path: 'a b.py' }],
    ['open', { path: 'a.py', line: 30 }, 'open a.py 30', { type: 'open', path: 'a.py', line: 30 }],
    ['goto', { line: 3 }, 'goto 3', { type: 'goto', line: 3 }],
    ['scroll_up', {}, 'scroll_up', { type: 'scroll_up' }],
    ['scroll_down', '', 'scroll_down', { type: 'scroll_down' }],
    ['create', { path: 'a' }, 'create a', { type: 'create', path: 'a' }],
    [
      'create',
      { path: 'a', text: 'x' },
      "create a << 'end_of_create'\nx\nend_of_create",
      { type: 'create', path: 'a', text: 'x' },
    ],
    [
      'edit',
      { start_line: 1, end_line: 2, text: 'x\ny\n' },
      'edit 1:2\nx\ny\nend_of_edit',
      { type: 'edit', start_line: 1, end_line: 2, text: 'x\ny\n' },
    ],
    [
      'edit',
      { start_line: 1, end_line: 1, text: '', path: 'a' },
      'edit 1:1 a\nend_of_edit',
      { type: 'edit', start_line: 1, end_line: 1, text: '', path: 'a' },
    ],
    ['insert', { line: 0, text: 'x' }, 'insert 0\nx\nend_of_insert', { type: 'insert', line: 0, text: 'x' }],
    [
      'insert',
      { line: 0, text: 'x', path: 'a' },
      'insert 0 a\nx\nend_of_insert',
      { type: 'insert', line: 0, text: 'x', path: 'a' },
    ],
    ['search_dir', { term: "it's" }, `search_dir 'it'"'"'s'`, { type: 'search_dir', term: "it's" }],
    ['search_file', { term: 'x', path: 'a' }, 'search_file x a', { type: 'search_file', term: 'x', path: 'a' }],
    ['find_file', { name: '*.py', path: '.' }, "find_file '*.py' .", { type: 'find_file', name: '*.py', path: '.' }],
    ['validate', {}, 'validate', { type: 'validate' }],
    ['submit', {}, 'submit', { type: 'submit' }],
  ])('%s %j becomes the action %j', (name, args, action, sent) => {
    expect(turnOf(name, args)).toEqual({
      thought: 'I look.',
      action,
      sent,
      call: { ...call(name, args), arguments: expect.any(String) },
    });
    expect(sent === null || Action.safeParse(sent).success).toBe(true);
  });

  it('are told to endpoints with the schema of their arguments', () => {
    const { tools } = createDialect(CONFIG, NO_TEXTS);
    expect(tools.map(({ name }) => name)).toEqual([
      ...['bash', 'open', 'goto', 'scroll_up', 'scroll_down', 'create', 'edit', 'insert'],
      ...['search_dir', 'search_file', 'find_file', 'validate', 'submit'],
    ]);
    expect(tools.find(({ name }) => name === 'open')?.parameters).toEqual({
      type: 'object',
      properties: {
        path: { type: 'string', description: expect.any(String) },
        line: { type: 'integer', description: expect.any(String) },
      },
      required: ['path'],
      additionalProperties: false,
    });
    expect(tools.every(({ description }) => description.length > 10)).toBe(true);
  });
});

describe("an agent's own commands [F5]", () => {
  const argument = (name: string, type: string, required: boolean, more = {}) => ({
    ...{ name, type, required, description: `the ${name}` },
    ...more,
  });
  const define = (
    name: string,
    signature: string | null,
    args: CommandDefinition['arguments'],
    endName: string | null = null,
  ): CommandDefinition => ({ name, docstring: `does ${name}`, signature, endName, arguments: args });
  const commands = [
    define('str_replace', 'str_replace <command> <path> [<view_range>]', [
      argument('command', 'string', true, { values: ['view', 'create'] }),
      argument('path', 'string', true),
      argument('view_range', 'array', false, { elementType: 'integer', format: "--view_range {{value|join(' ')}}" }),
    ]),
    define('open', 'open "<path>" [<line_number>]', [
      argument('path', 'string', true),
      argument('line_number', 'integer', false),
    ]),
    define('edit', 'edit "<search>" "<replace>"', [
      argument('search', 'string', true),
      argument('replace', 'string', true),
    ]),
    define(
      'note',
      'note <at>\n<text>\nend_of_note',
      [argument('at', 'int', true), argument('text', 'str', true)],
      'end_of_note',
    ),
    define('flag', null, [
      argument('on', 'bool', true),
      argument('share', 'float', false),
      argument('how', 'dict', false),
    ]),
    define('plain', null, []),
  ];
  const config: DialectConfig = { ...CONFIG, source: 'swe-agent-1', commands };

  it.each([
    ['str_replace', { command: 'view', path: 'a b', view_range: [1, 2] }, "str_replace view 'a b' --view_range 1 2"],
    ['str_replace', { command: 'view', path: 'x', view_range: null }, 'str_replace view x'],
    ['edit', { search: 'a "b"', replace: '$c' }, `edit 'a "b"' '$c'`],
    ['edit', { search: 'a', replace: '' }, "edit a ''"],
    ['note', { at: 3, text: "it's\n$x" }, "note 3\nit's\n$x\nend_of_note"],
    ['note', { at: 3, text: 'x', end_of_note: '' }, 'note 3\nx\nend_of_note'],
    ['flag', { on: true, share: 1.5 }, 'flag True 1.5'],
    ['plain', '{}', 'plain'],
    ['bash', { command: 'echo "a b"' }, 'echo "a b"'],
  ])('%s %j is written %j', (name, args, action) => {
    expect(turnOf(name, args, config)).toMatchObject({ action, sent: null });
  });

  it('are offered beside a shell and a way to hand in; commands that every sandbox has are the tools of ours', () => {
    const tools = toolDefinitions(commands);
    expect(tools.map(({ name }) => name)).toEqual([
      'bash',
      'str_replace',
      'open',
      'edit',
      'note',
      'flag',
      'plain',
      'submit',
    ]);
    expect(turnOf('open', { path: 'a', line: 2 }, config).sent).toEqual({ type: 'open', path: 'a', line: 2 });
    expect(tools[1]?.parameters).toEqual({
      type: 'object',
      properties: {
        command: { type: 'string', description: 'the command', enum: ['view', 'create'] },
        path: { type: 'string', description: 'the path' },
        view_range: { type: 'array', description: 'the view_range', items: { type: 'integer' } },
      },
      required: ['command', 'path'],
      additionalProperties: false,
    });
    expect(tools[5]?.parameters.properties).toMatchObject({
      on: { type: 'boolean' },
      share: { type: 'number' },
      how: { type: 'string' },
    });
    expect(tools[1]?.description).toBe('does str_replace');
  });

  it('are refused when their signature or the form of an argument is no template', () => {
    for (const bad of [
      define('bad', 'bad } <x>', [argument('x', 'string', true)]),
      define('bad', 'bad <x>', [argument('x', 'string', true, { format: '{{ value' })]),
    ]) {
      expect(() => createDialect({ ...config, commands: [bad] }, NO_TEXTS)).toThrow('the command bad');
    }
  });

  it.each([
    ['str_replace', { command: 'fly', path: 'x' }, 'invalid_arg', '"command" must be one of view, create'],
    [
      'str_replace',
      { command: 'view', path: 'x', view_range: '1' },
      'invalid_arg',
      '"view_range" must be of type array',
    ],
    ['flag', { on: 'yes' }, 'invalid_arg', '"on" must be of type boolean'],
    ['flag', { on: true, share: '1' }, 'invalid_arg', '"share" must be of type number'],
    ['note', { at: 1.5, text: '' }, 'invalid_arg', '"at" must be of type integer'],
    ['note', { at: 1, text: '', end: '' }, 'unexpected_arg', 'it has no "end"; it takes "at", "text"'],
    ['plain', { a: 1 }, 'unexpected_arg', 'it has no "a"; it takes none'],
  ])('%s %j is a fault: %s, %s', (name, args, code, reason) => {
    expect(faultOf(reply([call(name, args)]), config)).toMatchObject({
      ...{ kind: 'format', code },
      reason: `the call of ${name}: ${reason}`,
    });
  });
});

describe('outputs that cannot be used [F5]', () => {
  const many = Object.fromEntries('abcdefgh'.split('').map((name) => [name, 1]));
  it.each([
    [reply([]), 'format', 'missing', 'it holds no call of a tool'],
    [reply([], '```\nls\n```'), 'format', 'missing', 'it holds no call of a tool'],
    [reply([], ' '), 'empty', 'missing', 'it holds no call of a tool'],
    [reply([], '', { refusal: 'No.' }), 'refusal', 'missing', 'it holds no call of a tool'],
    [
      reply([call('submit'), call('submit', {}, 'c2')]),
      'format',
      'multiple',
      'it holds 2 calls of tools, and none was made',
    ],
    [
      reply([call('serch_dir', {})]),
      'format',
      'invalid_command',
      /^there is no tool "serch_dir", perhaps search_dir is meant; known are bash, /,
    ],
    [reply([call('', {})]), 'format', 'invalid_command', /^there is no tool "".*; known are bash, /],
    [reply([call('__proto__', {})]), 'format', 'invalid_command', /^there is no tool/],
    [
      reply([call('open', '{"path": ')]),
      'format',
      'invalid_json',
      'the arguments of open are no JSON; what was written begins with: {"path": ',
    ],
    [reply([call('open', 'x'.repeat(999))]), 'format', 'invalid_json', /: x{200}\.\.\.$/],
    [reply([call('open', '["a"]')]), 'format', 'invalid_json', /^the arguments of open are no JSON object/],
    [reply([call('open', 'null')]), 'format', 'invalid_json', /^the arguments of open are no JSON object/],
    [reply([call('open', '['.repeat(99_999))]), 'format', 'invalid_json', /^the arguments of open are no JSON;/],
    [reply([call('open', '')]), 'format', 'missing_arg', 'the call of open: it lacks "path"'],
    [reply([call('open', { path: null })]), 'format', 'missing_arg', 'the call of open: it lacks "path"'],
    [
      reply([call('edit', { text: 'x' })]),
      'format',
      'missing_arg',
      'the call of edit: it lacks "start_line", "end_line"',
    ],
    [
      reply([call('goto', { line: 1, ...many })]),
      'format',
      'unexpected_arg',
      'the call of goto: it has no "a", "b", "c", "d", "e" and 3 more; it takes "line"',
    ],
    [
      reply([call('goto', { line: '12' })]),
      'format',
      'invalid_arg',
      'the call of goto: "line" must be of type integer',
    ],
    [reply([call('goto', { line: -1 })]), 'format', 'invalid_arg', /^the call of goto: "line": /],
    [
      reply([call('goto', '{"line": 1e400}')]),
      'format',
      'invalid_arg',
      'the call of goto: "line" must be of type integer',
    ],
    [reply([call('goto', '{"line": 99999999999999999999}')]), 'format', 'invalid_arg', /^the call of goto: "line": /],
    [
      reply([call('bash', { command: ['ls'] })]),
      'format',
      'invalid_arg',
      'the call of bash: "command" must be of type string',
    ],
    [
      reply([call('bash', { command: 'ls', timeout_s: -1 })]),
      'format',
      'invalid_arg',
      /^the call of bash: "timeout_s": /,
    ],
    [reply([call('open', { path: '' })]), 'format', 'invalid_arg', /^the call of open: "path": /],
    [reply([call('bash', { command: ' \n' })]), 'format', 'blank', 'the action is blank'],
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
  const dialect = createDialect(CONFIG, NO_TEXTS);
  const ask = (answer: ModelReply, texts = NO_TEXTS) =>
    createDialect(CONFIG, texts).requery(CHAT, answer, faultOf(answer)).slice(CHAT.length);

  it('answers every call of the output with what was wrong', () => {
    const answer = reply([call('bash', { command: 'ls' }), call('submit', {}, 'c2')], 'I do both.', {
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
    expect(ask(reply([]))).toEqual([
      { role: 'assistant', content: 'I look.' },
      { role: 'user', content: expect.stringMatching(/^Your output was not executed: it holds no call of a tool\.\n/) },
    ]);
  });

  it('gives calls back only in a form that endpoints take', () => {
    const answer = reply([
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
    const answer = reply([call('bash', '{"command": "ec')], '', { finishReason: 'length' });
    expect(ask(answer)[1]?.content).toContain('It was cut off because it was too long: write less.');
  });

  it("uses the agent's own words, and tells them what was wrong", () => {
    const formatError = (fault: Readonly<Record<string, string>>) => JSON.stringify(fault);
    const texts = { ...NO_TEXTS, formatError };
    expect(JSON.parse(ask(reply([call('fly')]), texts)[1]?.content ?? '')).toEqual({
      error_code: 'invalid_command',
      exception_message: expect.stringMatching(/^there is no tool "fly"/),
      num_tools: '1',
    });
  });

  it('keeps what the history needs: the call, its thinking, and the answer under its id', () => {
    const answer = reply([call('bash', { command: 'ls' }, '')], 'I look.', { reasoning: 'hm' });
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
  const dialect = createDialect(CONFIG, NO_TEXTS);
  fc.assert(
    fc.property(calls, fc.string(), (toolCalls, text) => {
      const answer = reply(toolCalls, text);
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
