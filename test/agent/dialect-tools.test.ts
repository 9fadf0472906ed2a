import { describe, expect, it } from 'vitest';
import type { CommandDefinition } from '../../src/agent/config/agent-config.js';
import { createDialect } from '../../src/agent/dialects/create-dialect.js';
import type { DialectConfig } from '../../src/agent/dialects/dialect.js';
import { toolDefinitions } from '../../src/agent/dialects/tool-definitions.js';
import { Action } from '../../src/protocol/index.js';
import { CALLING, call, calling, faultOf, NO_TEXTS, turnOf } from './replies.js';

describe('tools of the environment [F5]', () => {
  it.each([
    ['bash', { command: 'ls | wc' }, 'ls | wc', { type: 'bash', command: 'ls | wc' }],
    ['bash', { command: 'ls', timeout_s: null }, 'ls', { type: 'bash', command: 'ls' }],
    ['bash', { command: 'x', timeout_s: 1.5 }, 'x', { type: 'bash', command: 'x', timeout_s: 1.5 }],
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
    const { tools } = createDialect(CALLING, NO_TEXTS);
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
  const config: DialectConfig = { ...CALLING, source: 'swe-agent-1', commands };

  it.each([
    ['str_replace', { command: 'view', path: 'a b', view_range: [1, 2] }, "str_replace view 'a b' --view_range 1 2"],
    ['str_replace', { command: 'view', path: 'x', view_range: null }, 'str_replace view x'],
    ['edit', { search: 'a "b"', replace: '$c' }, `edit 'a "b"' '$c'`],
    ['edit', { search: 'a', replace: '' }, "edit a ''"],
    ['note', { at: 3, text: "it's\n$x" }, "note 3\nit's\n$x\nend_of_note"],
    ['note', { at: 3, text: 'x', end_of_note: '' }, 'note 3\nx\nend_of_note'],
    ['flag', { on: true, share: 1.5 }, 'flag True 1.5'],
    ['plain', '{}', 'plain'],
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
    expect(faultOf(calling([call(name, args)]), config)).toMatchObject({
      ...{ kind: 'format', code },
      reason: `the call of ${name}: ${reason}`,
    });
  });
});
