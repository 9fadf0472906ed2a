import { describe, expect, it } from 'vitest';
import type { CommandDefinition } from '../../src/agent/config/agent-config.js';
import { createParser, type TextParserName } from '../../src/agent/parsing/create-parser.js';
import { OutputFault } from '../../src/agent/parsing/output-fault.js';

const F = '```';

function command(name: string, signature: string | null, endName: string | null = null): CommandDefinition {
  const names = [...(signature ?? '').matchAll(/<(\w+)>/g)].map(([, found = '']) => found);
  return {
    name,
    docstring: null,
    signature,
    endName,
    arguments: names.map((argument) => ({ name: argument, type: 'string', description: '', required: false })),
  };
}

const COMMANDS = [
  command('open', 'open "<path>" [<line_number>]'),
  command('edit', 'edit <start_line>:<end_line>\n<replacement_text>\nend_of_edit', 'end_of_edit'),
  command('search_dir', 'search_dir <search_term> [<dir>]'),
  command('submit', 'submit'),
];
const BROKEN = command('broken', 'broken } <x>');

/** Thought and action, or the word for the fault. */
function read(name: TextParserName, text: string, commands: readonly CommandDefinition[] = COMMANDS) {
  const parsed = createParser(name, commands).parse(text);
  return parsed instanceof OutputFault ? parsed.code : [parsed.thought, parsed.action];
}

const json = (value: unknown) => JSON.stringify(value);
const call = (name: unknown, args?: unknown) =>
  json({ thought: 'hm', command: { name, ...(args !== undefined && { arguments: args }) } });

describe('blocks between fences [E1]', () => {
  const both: readonly (readonly [string, unknown])[] = [
    [`DISCUSSION\nhi\n${F}\nls -a\n${F}`, ['DISCUSSION\nhi\n', 'ls -a\n']],
    [`DISCUSSION\nhi\n${F}bash\nls -a\n${F}`, ['DISCUSSION\nhi\n', 'ls -a\n']],
    [`${F}\nls\n${F}\n`, ['', 'ls\n']],
    [`${F}\nls\n${F}\n\n \n  after`, ['  after', 'ls\n']],
    [`a\n${F}sh  \t\n\n\n  ls\n  x\n${F}  `, ['a\n', '  ls\n  x\n']],
    [`${F}\u3000\x1c\nls\n${F}`, ['', 'ls\n']],
    [`${F}\nls\n\n${F}\r\nb`, ['b', 'ls\n\n']],
    [`${F}\n${F}`, ['', '']],
    [`${F}\n\n\n${F}`, ['', '']],
    [`${F}\ufeff\nls\n${F}`, ['', 'ls\n']],
    [`${F}\nls`, 'missing'],
    [`${F}\nls${F}`, 'missing'],
    [`  ${F}\n  ls\n  ${F}`, 'missing'],
    [`${F}\nls\n${F} and more`, 'missing'],
    [`${F}\nls\n${F}end\n`, 'missing'],
    [`${F}ls${F}`, 'missing'],
    [F, 'missing'],
    [`${F}\n`, 'missing'],
    [`x\r${F}\nls\n${F}`, 'missing'],
    ['', 'missing'],
    ['Let me think.', 'missing'],
  ];
  it.each(both)('in %j MLGym finds %j, and so does the older parser', (text, expected) => {
    expect(read('mlgym_thought_action', text)).toEqual(expected);
    expect(read('thought_action', text)).toEqual(expected);
    expect(read('edit_format', text)).toEqual(expected);
  });

  it.each([
    [`${F}\nls\n${F}\nthen\n${F}\npwd\n${F}`, [`${F}\nls\n${F}\nthen\n`, 'pwd\n']],
    [`as ${F}x${F} says\n${F}\nls\n${F}`, [`as ${F}x${F} says\n`, 'ls\n']],
    [`${F}\ncat <<X\n${F}sh\ninner\n${F}\n${F}`, ['', `cat <<X\n${F}sh\ninner\n${F}\n`]],
  ])('in %j MLGym sees two blocks, the older parser the last outer one', (text, expected) => {
    expect(read('mlgym_thought_action', text)).toBe('multiple');
    expect(read('thought_action', text)).toEqual(expected);
  });

  it('takes one pair and a single fence more for one block', () => {
    expect(read('mlgym_thought_action', `see ${F}\n${F}\nls\n${F}`)).toEqual([`see ${F}\n`, 'ls\n']);
  });
});

describe('the other parsers of text [E1]', () => {
  it.each([
    ['action', 'submit', ['submit', 'submit']],
    ['action', '  open x.py 3\nmore', ['  open x.py 3\nmore', '  open x.py 3\nmore']],
    ['action', 'ls -a', 'invalid_command'],
    ['action', 'submitting', 'invalid_command'],
    ['action', ' \n', 'invalid_command'],
    ['action', '', 'invalid_command'],
    ['xml_thought_action', ' I look. \n<command>\nls -a\n</command>\n', ['I look.', 'ls -a']],
    ['xml_thought_action', '<command>a</command> b <command> c </command> d', ['<command>a</command> b  d', 'c']],
    ['xml_thought_action', '</command> x <command>', ['</command> x  x <command>', '']],
    ['xml_thought_action', '<command>ls', 'missing'],
    ['xml_thought_action', 'ls</command>', 'missing'],
    ['xml_thought_action', 'ls', 'missing'],
    ['identity', ' ls\n', [' ls\n', ' ls\n']],
    ['identity', '', ['', '']],
    ['action_only', 'ls\n', ['', 'ls\n']],
    ['single_bash_code_block', `a ${F}bash\nls\npwd\n${F} b`, ['a  b', 'ls\npwd']],
    ['single_bash_code_block', `${F}python\nls\n${F}`, 'missing'],
    ['single_bash_code_block', `${F}bash\nls`, 'missing'],
    ['single_bash_code_block', `${F}bash\nls\n${F}\n${F}bash\npwd\n${F}`, 'multiple'],
    ['all_bash_code_blocks', `${F}bash\nls\n${F}\nthen\n${F}bash\npwd\n${F}\n`, ['\nthen\n\n', 'ls\npwd']],
    ['all_bash_code_blocks', 'ls', 'missing'],
  ] as const)('%s reads %j as %j', (name, text, expected) => expect(read(name, text)).toEqual(expected));
});

describe('JSON [E1]', () => {
  it.each([
    [call('open', { path: 'a.py', line_number: 3 }), ['hm', 'open "a.py" 3']],
    [call('open', { path: 'my file' }), ['hm', `open "'my file'"`]],
    [call('open', { path: "it's" }), ['hm', `open "'it'"'"'s'"`]],
    [call('open', {}), ['hm', 'open ""']],
    [call('open'), ['hm', 'open ""']],
    [call('open', { path: 'a', other: 1 }), ['hm', 'open "a"']],
    [call('search_dir', { search_term: null, dir: true }), ['hm', 'search_dir None True']],
    [call('search_dir', { search_term: '' }), ['hm', "search_dir ''"]],
    [
      call('edit', { start_line: 1, end_line: 2, replacement_text: "x = '$a'" }),
      ['hm', "edit 1:2\nx = '$a'\nend_of_edit"],
    ],
    [call('submit', null), ['hm', 'submit']],
    [call('submit', []), ['hm', 'submit']],
    [call('ls', { a: '-l', b: 'x y' }), ['hm', 'ls -l x y']],
    [call(' rm '), ['hm', 'rm']],
    [json({ thought: null, command: { name: 'submit' } }), ['', 'submit']],
    [json({ thought: [1, true], command: { name: 'submit' } }), ['[1, True]', 'submit']],
    ['{"thought": "a", "command": {"name": "ls", "arguments": {"n": "\\u00e9"}}} ', ['a', 'ls é']],
    ['{"thought": 1.0, "command": {"name": "open", "arguments": {"path": 1e20}}}', ['1.0', 'open "1e+20"']],
    ['no json', 'invalid_json'],
    ['', 'invalid_json'],
    [`${F}json\n{}\n${F}`, 'invalid_json'],
    [`${call('submit')} x`, 'invalid_json'],
    ['"text"', 'invalid_json'],
    ['[]', 'invalid_json'],
    ['{}', 'missing'],
    [json({ command: { name: 'submit' } }), 'missing'],
    [json({ thought: 'x' }), 'missing'],
    [json({ thought: 'x', command: 'ls' }), 'invalid_command'],
    [json({ thought: 'x', command: [] }), 'invalid_command'],
    [json({ thought: 'x', command: {} }), 'missing_arg'],
    [call(3), 'invalid_command'],
    [call(null), 'invalid_command'],
    [call('broken', { x: 1 }), 'invalid_command'],
    [call('open', null), 'invalid_arg'],
    [call('open', 'path'), 'invalid_arg'],
    [call('open', ['path']), 'invalid_arg'],
    [call('open', 3), 'invalid_arg'],
    [call('ls', ['-l']), 'invalid_arg'],
    [call('ls', { a: 1 }), 'invalid_arg'],
  ])('reads %s as %j', (text, expected) => expect(read('json', text, [...COMMANDS, BROKEN])).toEqual(expected));

  it('writes a command that has no signature from its arguments', () => {
    const tool = { ...command('note', null), arguments: command('', '<text> <tag>').arguments };
    expect(read('json', call('note', { text: 'a b', tag: 'c' }), [tool])).toEqual(['hm', "note 'a b' c"]);
    const long = { ...tool, endName: 'end_of_note' };
    expect(read('json', call('note', { text: 'a b', tag: 'c' }), [long])).toEqual(['hm', 'note a b\nc\nend_of_note']);
  });
});

describe('functions between tags [E1]', () => {
  const view = {
    ...command('view', 'view <path> [<range>]'),
    arguments: [
      { name: 'path', type: 'string', description: '', required: true },
      { name: 'range', type: 'array', description: '', required: false, format: "--range {{value|join(' ')}}" },
    ],
  };
  const commands = [...COMMANDS, view, command('bash', '<command>')];
  const xml = (name: string, args: Readonly<Record<string, string>> = {}) => {
    const parameters = Object.entries(args).map(([key, value]) => `<parameter=${key}>${value}</parameter>\n`);
    return `I look.\n<function=${name}>\n${parameters.join('')}</function>\n`;
  };
  it.each([
    [xml('view', { path: 'a b', range: '[1, 2]' }), ['I look.', "view 'a b' --range 1 2"]],
    [xml('view', { path: '\nx\n' }), ['I look.', 'view x']],
    [xml('execute_bash', { command: 'ls "a b" | wc' }), ['I look.', 'ls "a b" | wc']],
    [xml('finish'), ['I look.', 'submit']],
    [
      xml('edit', { start_line: '1', end_line: '2', replacement_text: 'x', end_of_edit: '' }),
      ['I look.', 'edit 1:2\nx\nend_of_edit'],
    ],
    [`<function=a><function=submit>\n</function>`, ['<function=a>', 'submit']],
    [xml('view'), 'missing_arg'],
    [xml('view', { path: 'a', more: 'b' }), 'unexpected_arg'],
    [xml('view', { path: 'a', range: '1-2' }), 'invalid_arg'],
    [xml('fly'), 'invalid_command'],
    ['<function=view>', 'missing'],
    ['<function=view>\n<parameter=path>x</parameter>', 'missing'],
    ['<function=', 'missing'],
    ['ls', 'missing'],
  ])('reads %j as %j', (text, expected) => expect(read('xml_function_calling', text, commands)).toEqual(expected));
});

describe('what models are told [E1]', () => {
  const shape = `DISCUSSION
Discuss here with yourself about what you are planning and what you are going to do in this step.

${F}
command(s) that you're going to run
${F}
`;

  it('says the words of MLGym where MLGym has them', () => {
    expect(
      createParser('mlgym_thought_action', []).formatErrorTemplate,
    ).toBe(`Your output was not formatted correctly. Your commands were not executed.
You must always include one discussion and one command as part of your response.
Make sure you do not have multiple discussion/command tags.

Please make sure your output precisely matches the following format:
${shape}`);
    expect(createParser('thought_action', []).formatErrorTemplate).toBe(
      `Your output was not formatted correctly. You must always include one discussion and one command as part of your response. Make sure you do not have multiple discussion/command tags.
Please make sure your output precisely matches the following format:
${shape}`,
    );
  });

  it('names the commands that may open an output', () => {
    expect(createParser('action', COMMANDS).formatErrorTemplate).toContain('open, edit, search_dir, submit');
  });

  it.each([
    ['edit_format', F],
    ['xml_thought_action', '<command>'],
    ['json', '"thought"'],
    ['single_bash_code_block', `${F}bash`],
    ['all_bash_code_blocks', `${F}bash`],
    ['xml_function_calling', '<function='],
  ] as const)('shows the form of %s', (name, form) => {
    expect(createParser(name, []).formatErrorTemplate).toContain(form);
  });
});

it('tells of a signature that is no template when the parser is made [E1]', () => {
  expect(() => createParser('xml_function_calling', [BROKEN])).toThrow('the command broken');
});
