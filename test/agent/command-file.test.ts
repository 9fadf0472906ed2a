import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandDocumentation } from '../../src/agent/config/command-documentation.js';
import { readCommandFile } from '../../src/agent/config/command-file.js';
import type { ConfigFault } from '../../src/agent/config/config-fault.js';

function read(path: string, contents: string) {
  const faults: ConfigFault[] = [];
  return { ...readCommandFile(path, contents, path, faults), faults };
}

function docs(
  path: string,
  contents: string,
  style: 'detailed' | 'short',
  variables: Record<string, string> = {},
): string {
  return commandDocumentation(read(path, contents).commands, style, variables, []);
}

describe('files of shell functions [E1]', () => {
  it('have the comments before a function as its documentation, wherever they stand', () => {
    const text =
      '# @yaml\nX=1\n# docstring: acts\n\n#no comment of it\nact() {\n  # docstring: not this\n  if a; then {\n    b\n  }\n  fi\n}\n';
    expect(docs('a.sh', text, 'detailed')).toBe('act:\n  docstring: acts\n  signature: act\n\n');
  });

  it('end a function at the first lone brace', () => {
    const text = 'one() {\n  {\n    a\n  }\n# docstring: two\ntwo() {\n  b\n}\n}\n';
    expect(docs('a.sh', text, 'detailed')).toBe(
      'one:\n  signature: one\n\ntwo:\n  docstring: two\n  signature: two\n\n',
    );
  });

  it('hide names that begin with an underscore', () => {
    const file = read('a.sh', '_in() {\n}\n  out() {  \n  }\n_more() {\n}\n');
    expect(file.commands.map(({ name }) => name)).toEqual(['out']);
    expect(file.hidden).toEqual(['_in', '_more']);
  });

  it('may be of Python when their names say that they are inner ones', () => {
    expect(read('_tools.py', 'x = 1\n')).toMatchObject({ commands: [], isProgram: false, faults: [] });
  });

  it('keep a signature of several lines as it is', () => {
    const text = '# signature: |-\n#   put <a>\n#   <b>\n#   end\n# docstring: puts\n# end_name: end\nput() {\n}\n';
    expect(docs('a.sh', text, 'short')).toBe('put <a>\n<b>\nend - puts\n');
    expect(read('a.sh', text).commands[0]).toMatchObject({ endName: 'end', signature: 'put <a>\n<b>\nend' });
  });

  it('may leave the docstring empty, and list no arguments', () => {
    const text = '# docstring:\n# arguments: {}\nact() {\n}\n';
    expect(docs('a.sh', text, 'detailed')).toBe('act:\n  signature: act\n  arguments:\n\n');
    expect(docs('a.sh', text, 'short')).toBe('');
  });

  it('have variables of the agent in their docstrings only', () => {
    const text = '# signature: act {W}\n# docstring: shows {W} of {{W}}\nact() {\n}\n';
    expect(docs('a.sh', text, 'short', { W: '7' })).toBe('act {W} - shows 7 of {W}\n');
  });
});

describe('programs [E1]', () => {
  it('are one command, whose name is that of the file', () => {
    const text =
      '\n#!/bin/sh\n#  @yaml\n#docstring: draws\n#arguments:\n#  a: {type: string, description: d, required: false}\nx\n# more\n';
    expect(docs('tools/draw.v2.py', text, 'detailed')).toBe(
      'draw.v2:\n  docstring: draws\n  signature: draw.v2 [<a>]\n  arguments:\n    - a (string) [optional]: d\n\n',
    );
  });

  it('have their name for a signature when they take nothing', () => {
    const text = '#!/bin/sh\n# @yaml\n# docstring: waits\n';
    expect(docs('wait', text, 'detailed')).toBe('wait:\n  docstring: waits\n  signature: wait\n\n');
    expect(docs('wait', text, 'short')).toBe('wait - waits\n');
  });

  it('that are inner ones are known by their names', () => {
    expect(read('_cut.py', '#!/usr/bin/env python3\n')).toMatchObject({ commands: [], hidden: ['_cut'], faults: [] });
  });
});

describe('documentation that is written as MLGym wants it [E1]', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
  const text = fc.stringMatching(/^[a-z][ -z|~]{0,30}$/).map((value) => value.trim());
  const argument = fc.record({
    name,
    type: fc.constantFrom('string', 'integer'),
    description: text,
    required: fc.boolean(),
  });
  const command = fc.record({
    name,
    docstring: text,
    arguments: fc.uniqueArray(argument, { selector: (arg) => arg.name, maxLength: 4 }),
  });

  it('is read as it was meant', () => {
    fc.assert(
      fc.property(fc.uniqueArray(command, { selector: (item) => item.name, maxLength: 4 }), (commands) => {
        const lines = commands.flatMap((item) => [
          '# @yaml',
          `# docstring: ${JSON.stringify(item.docstring)}`,
          ...(item.arguments.length > 0 ? ['# arguments:'] : []),
          ...item.arguments.flatMap((arg) => [
            `#   "${arg.name}":`,
            `#     type: ${arg.type}`,
            `#     description: ${JSON.stringify(arg.description)}`,
            `#     required: ${arg.required}`,
          ]),
          `${item.name}() {`,
          '}',
        ]);
        const file = read('a.sh', lines.join('\n'));
        expect(file.faults).toEqual([]);
        expect(
          file.commands.map(({ name, docstring, arguments: args }) => ({ name, docstring, arguments: args })),
        ).toEqual(commands);
      }),
    );
  });

  it('never makes the reader throw, whatever the file is', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '# @yaml',
        '# docstring: d',
        '# arguments:',
        '#   a:',
        'f() {',
        '}',
        '#!/bin/sh',
        '# end_name: [',
        '',
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('a.sh', 'a.py', '_a.py'), (lines, path) => {
        const { commands } = read(path, lines.join('\n'));
        expect(typeof commandDocumentation(commands, 'detailed', {}, [])).toBe('string');
      }),
    );
  });
});
