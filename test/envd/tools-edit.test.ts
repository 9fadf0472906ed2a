import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());
beforeEach(async () => {
  await envd.client.request('reset_shell', { cwd: WORKSPACE, env: { WINDOW: '1000', OVERLAP: '2' } });
});

const UPDATED =
  'File updated. Please review the changes and make sure they are correct (correct indentation, no duplicate lines, etc). Edit the file again if necessary.\n';
const RULE = '-'.repeat(49);
const lines = (count: number, text: (line: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${text(i + 1)}\n`).join('');
/** Writes and opens a file. */
async function open(name: string, contents: string | Uint8Array): Promise<void> {
  await envd.write(name, contents);
  await envd.tool('open', [name]);
}
const edit = (range: string, stdin: string) => envd.tool('edit', [range], { stdin });
const insert = (line: string, stdin: string) => envd.tool('insert', [line], { stdin });

describe('edit', () => {
  it.each([
    ['2:3', 'new\n', 'one\nnew\nfour\n'],
    ['1:4', '', '\n'],
    ['2:2', '', 'one\nthree\nfour\n'],
    ['1:0', 'top\n', 'top\none\ntwo\nthree\nfour\n'],
    ['3:1', 'x\n', 'one\ntwo\nx\ntwo\nthree\nfour\n'],
    ['4:99', 'end\n', 'one\ntwo\nthree\nend\n'],
    ['9:9', 'more\n', 'one\ntwo\nthree\nfour\nmore\n'],
    ['2:2', 'a\r\n\n$HOME `x` \\n\t\n', 'one\na\r\n\n$HOME `x` \\n\t\nthree\nfour\n'],
    ['1:2:3', 'x', 'x\nthree\nfour\n'],
    ['010:010', 'x\n', 'one\ntwo\nthree\nfour\nx\n'],
  ])('%s of four lines [E1]', async (range, text, expected) => {
    await open('f.txt', 'one\ntwo\nthree\nfour');
    expect(await edit(range, text)).toBe(
      `[File: ${WORKSPACE}/f.txt (${expected.split('\n').length - 1} lines total)]\n${expected
        .split('\n')
        .slice(0, -1)
        .map((line, index) => `${index + 1}:${line}\n`)
        .join('')}${UPDATED}`,
    );
    expect(await envd.read('f.txt')).toBe(expected);
    expect(await envd.text('ls -A | grep backup; true')).toBe('');
  });

  it.each([
    [[], 'Usage: edit <start_line>:<end_line>\n'],
    [['1'], 'Usage: edit <start_line>:<end_line>\n'],
    [['1:'], 'Usage: edit <start_line>:<end_line>\n'],
    [[':2'], 'Usage: edit <start_line>:<end_line>\n'],
    [['1-2'], 'Usage: edit <start_line>:<end_line>\n'],
    [['1', '2'], 'Usage: edit <start_line>:<end_line>\n'],
    [['a:2'], 'Usage: edit <start_line>:<end_line>\nError: start_line must be a number\n'],
    [['1:b'], 'Usage: edit <start_line>:<end_line>\nError: end_line must be a number\n'],
    [['08:09'], '/home/agent/commands/edit_linting.sh: line 53: 08: value too great for base (error token is "08")\n'],
  ])('%j says what is wrong and changes nothing', async (args, text) => {
    await open('f.txt', 'one\n');
    expect(await envd.tool('edit', args, { stdin: 'x\n' })).toBe(text);
    expect(await envd.read('f.txt')).toBe('one\n');
  });

  it('of line 0 fails as in MLGym and leaves a backup', async () => {
    await open('z.txt', 'one\n');
    expect(await edit('0:1', 'x\n')).toBe(
      '/home/agent/commands/edit_linting.sh: line 83: $start_line: substring expression < 0\n',
    );
    expect(await envd.text('cat z.txt backup_z.txt; rm backup_z.txt')).toBe('one\none\n');
  });

  it('refuses read-only and vanished files, with status 1', async () => {
    await open('ro.txt', 'one\n');
    await envd.run('chmod 444 ro.txt');
    const { header, body } = await envd.client.request('tool', { name: 'edit', args: ['1:1'], stdin: 'x\n' });
    expect([header.exit_code, body.toString()]).toEqual([
      1,
      `Error: You cannot edit read-only file ${WORKSPACE}/ro.txt\n`,
    ]);
    await envd.run('rm -f ro.txt');
    expect(await edit('1:1', 'x\n')).toBe(`Error: You cannot edit read-only file ${WORKSPACE}/ro.txt\n`);
    await envd.run('mkdir closed; echo a > closed/f; chmod 555 closed');
    await envd.tool('open', ['closed/f']);
    expect(await edit('1:1', 'x\n')).toBe(`Error: You cannot edit read-only file ${WORKSPACE}/closed/f\n`);
  });

  it('keeps the identity, owner and mode of the file', async () => {
    await open('same.sh', 'one\n');
    await envd.run('chmod 750 same.sh; ln same.sh other.sh');
    await edit('1:1', 'two\n');
    expect(await envd.text('cat other.sh; stat -c "%a %U" same.sh')).toBe('two\n750 agent\n');
  });

  it('moves the window to the edit', async () => {
    await envd.write('n.txt', lines(100, String));
    await envd.tool('open', ['n.txt'], { variables: { WINDOW: 10 } });
    const text = await edit('50:50', 'fifty\n');
    expect(text).toMatch(/\(44 more lines above\)\n45:45\n/);
    expect(text).toMatch(/50:fifty\n[\s\S]*54:54\n\(46 more lines below\)\n/);
  });
});

describe('lint', () => {
  it('rejects an edit of Python that brings errors, and shows both versions [E1]', async () => {
    const source = lines(29, (line) => `x${line} = ${line}`);
    await open('f.py', source);
    await envd.tool('open', ['f.py'], { variables: { WINDOW: 1000 } });
    const shown = lines(12, (line) => `${line + 11}:x${line + 11} = ${line + 11}`);
    expect(await edit('17:18', 'x17 = undefined_name\n  x18 = 18\n')).toBe(
      `Your proposed edit has introduced new syntax error(s). Please read this error message carefully and then retry editing the file.
ERRORS:
- E999 IndentationError: unexpected indent
This is how your edit would have looked if applied
${RULE}
[File: ${WORKSPACE}/f.py (29 lines total)]
(11 more lines above)
${shown.replace('17:x17 = 17', '17:x17 = undefined_name').replace('18:x18 = 18', '18:  x18 = 18')}(6 more lines below)
${RULE}
This is the original code before your edit
${RULE}
[File: ${WORKSPACE}/f.py (29 lines total)]
(11 more lines above)
${shown}(6 more lines below)
${RULE}
Your changes have NOT been applied. Please fix your edit command and try again.
You either need to 1) Specify the correct start/end line arguments or 2) Correct your edit code.
DO NOT re-run the same failed edit command. Running it again will lead to the same error.
`,
    );
    expect(await envd.read('f.py')).toBe(source);
    expect(await envd.text('ls -A | grep backup; true')).toBe('');
  });

  it.each([
    ['50:50', 'edit', 2, [44, 45, 56, 45], [44, 45, 55, 45]],
    ['20', 'insert', 3, [14, 15, 27, 76], [15, 16, 25, 75]],
  ])('shows windows of the right size around %s', async (where, name, count, proposed, original) => {
    await open(
      'w.py',
      lines(100, (line) => `x${line} = 0`),
    );
    const text = await envd.tool(name, [where], { stdin: lines(count, () => 'x = = 1') });
    const windows = text
      .split('[File:')
      .slice(1)
      .map((part) => {
        const shown = [...part.matchAll(/^(\d+):/gm)].map((match) => Number(match[1]));
        const outside = [...part.matchAll(/^\((\d+) more/gm)].map((match) => Number(match[1]));
        return [outside[0], shown[0], shown.at(-1), outside[1]];
      });
    expect(windows).toEqual([proposed, original]);
  });

  it('goes on with the arithmetic when the range is reversed', async () => {
    await open(
      'r.py',
      lines(131, (line) => `x${line} = 0`),
    );
    const original = (await edit('78:10', 'x = = 1\n')).split('[File:')[2]!;
    expect(original).toContain('(72 more lines above)\n1:x1 = 0\n');
    expect(original).toContain('15:x15 = 0\n(116 more lines below)\n');
    expect(original).not.toContain('16:');
  });

  it('asks insert differently', async () => {
    await open('i.py', 'x = 1\n');
    const text = await insert('1', 'print(y)\n');
    expect(text).toMatch(
      /^Your proposed insertion has introduced new syntax error\(s\)\. .* then retry inserting into the file\.\nERRORS:\n- F821 undefined name 'y'\nThis is how your insertion would have looked if applied\n/,
    );
    expect(text).toContain('This is the original code before your insertion\n');
    expect(text).toContain(
      'Please fix your insert command and try again.\nYou either need to 1) Specify the correct line number argument or 2) Correct your insertion code.\nDO NOT re-run the same failed insert command.',
    );
  });

  it('forgives errors that were there, except inside the edit and, where it is to be as in MLGym, below an insertion', async () => {
    const source = 'import os\nx = 1\nprint(y)\n';
    await open('old.py', source);
    const quirks = { variables: { QUIRKS: 1 }, stdin: '# comment\n' };
    expect(await envd.tool('insert', ['1'], quirks)).toContain("- F821 undefined name 'y'\n");
    const fixed = { variables: { QUIRKS: 0 }, stdin: '# comment\n' };
    expect(await envd.tool('insert', ['1'], fixed)).toContain(UPDATED);
    await open('old.py', source);
    expect(await edit('3:3', 'print(y)\n')).toContain("- F821 undefined name 'y'\n");
    expect(await edit('1:1', '# two\n# lines\n')).toContain(UPDATED);
    expect(await insert('4', '# at the end\n')).toContain(UPDATED);
    expect(await edit('3:3', 'z = zz\n')).toContain("ERRORS:\n- F821 undefined name 'zz'\nThis is");
  });

  it.each([
    ['def f():\n   return 1\n', ['E111 indentation is not a multiple of 4']],
    ['def f():\nreturn 1\n', ['E999 IndentationError: expected an indented block after function definition on line 1']],
    ['x = (1,\n', ["E999 SyntaxError: '(' was never closed"]],
    ['x = 1)\n', ["E999 SyntaxError: unmatched ')'"]],
    ['if a:\n        b\n    c\n', ['E999 IndentationError: unindent does not match any outer indentation level']],
    ['print(a)\nprint(b)\n', ["F821 undefined name 'a'", "F821 undefined name 'b'"]],
    ['__all__ = ["q"]\n', ["F822 undefined name 'q' in __all__"]],
    ['def f(a, a): pass\n', null],
    ['import os\nx = 1;y=2\n\n\n\n\nif x == None: pass\n', null],
    ['print(zz)  # noqa\n', null],
    ["x = '\\s'\n", ["SyntaxWarning: invalid escape sequence '\\s'"]],
    [
      "x = '\\777'\ny = 1if x else 2\n",
      ["SyntaxWarning: invalid octal escape sequence '\\777'", 'SyntaxWarning: invalid decimal literal'],
    ],
    ['print(copyright, credits, license)\nhelp()\nquit()\nexit(1)\n', null],
  ])('words %j as flake8 does', async (text, errors) => {
    await open('e.py', 'x = 1\n');
    const shown = await edit('1:1', text);
    if (errors === null) expect(shown).toMatch(/File updated\.|F831|E999 SyntaxError: duplicate argument/);
    else expect(shown).toContain(`ERRORS:\n${errors.map((error) => `- ${error}\n`).join('')}This is how`);
  });

  it('counts a warning of the interpreter by its line, as it counts errors', async () => {
    await open('w.py', "x = 1\ny = '\\s'\nz = 3\n");
    expect(await edit('1:1', 'x = 2\n')).toContain(UPDATED);
    expect(await edit('3:3', 'z = 4\n')).toContain(UPDATED);
    expect(await insert('1', 'u = 0\n')).toContain(UPDATED);
    expect(await edit('3:3', "v = '\\s'\n")).toContain(
      "ERRORS:\n- SyntaxWarning: invalid escape sequence '\\s'\nThis is",
    );
  });

  it('gives the lines that flake8 itself prints', async () => {
    const source = 'import sys\ndef f(x):\n   if x:\n        return undefined\n   return os\nprint(sys, f)\n';
    await open('cmp.py', 'x = 1\n');
    const shown = await edit('1:1', source);
    const command = 'flake8 --isolated --select=F821,F822,F831,E111,E112,E113,E999,E902 real.py';
    await envd.write('real.py', source);
    const printed = (await envd.text(`/usr/bin/python3 -m ${command}; true`)).replace(/^[^ ]* /gm, '- ');
    expect(printed).toMatch(/E111.*\n.*F821/);
    expect(shown).toContain(`ERRORS:\n${printed}This is how`);
  });

  it('looks at Python files only', async () => {
    await open('notes.txt', 'x\n');
    expect(await edit('1:1', 'def (:\n')).toContain(UPDATED);
  });

  it('is not disturbed by source that no parser takes [B4]', async () => {
    await open('deep.py', 'x = 1\n');
    const sources = [
      '('.repeat(100_000),
      `${'['.repeat(3000)}${']'.repeat(3000)}`,
      '\xff\xfe',
      `${'-'.repeat(200_000)}1`,
    ];
    for (const source of sources) {
      const { header } = await envd.client.request('tool', { name: 'edit', args: ['1:1'], stdin: `${source}\n` });
      expect(header.ok).toBe(true);
    }
    await envd.write('deep.py', Buffer.from('x\0y\n'));
    await envd.client.request('tool', { name: 'edit', args: ['1:1'], stdin: 'y\n' });
    await open('deep.py', 'x = 1\n');
    expect(await edit('1:1', 'x = 2\n')).toContain(UPDATED);
  });
});

describe('insert', () => {
  it.each([
    ['0', 'top\n', 'top\none\ntwo\n'],
    ['1', 'a\nb\n', 'one\na\nb\ntwo\n'],
    ['2', 'end', 'one\ntwo\nend\n'],
    ['7', 'far\n', 'one\ntwo\nfar\n'],
  ])('after line %s [E1]', async (line, text, expected) => {
    await open('f.txt', 'one\ntwo\n');
    expect(await insert(line, text)).toMatch(/File updated\./);
    expect(await envd.read('f.txt')).toBe(expected);
  });

  it.each([
    [[], 'Usage: insert <line_number>\n'],
    [['x'], 'Usage: insert <line_number>\nError: line_number must be a number\n'],
    [['08'], '/home/agent/commands/insert_linting.sh: line 43: 08: value too great for base (error token is "08")\n'],
  ])('%j says what is wrong', async (args, text) => {
    await open('f.txt', 'one\n');
    expect(await envd.tool('insert', args, { stdin: 'x\n' })).toBe(text);
  });
});
