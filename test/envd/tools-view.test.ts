import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());
afterEach(async () => {
  await envd.client.request('reset_shell', { cwd: WORKSPACE, env: { WINDOW: '1000', OVERLAP: '2' } });
});

const numbers = (count: number): string => Array.from({ length: count }, (_, i) => `${i + 1}\n`).join('');

/** What a window of a file of numbers says: lines above, first and last line shown, lines below. */
function window(text: string): [number, number, number, number] {
  const shown = [...text.matchAll(/^(\d+):(\d+)$/gm)].map((match) => {
    expect(match[1]).toBe(match[2]);
    return Number(match[1]);
  });
  const count = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  return [
    count(/^\((\d+) more lines above\)$/m),
    shown[0] ?? 0,
    shown.at(-1) ?? 0,
    count(/^\((\d+) more lines below\)$/m),
  ];
}

describe('windows', () => {
  it.each([
    [1000, 29, [['open', 'n']], [0, 1, 29, 0]],
    [1000, 29, [['open', 'n'], ['goto', '29'], ['scroll_down']], [0, 1, 29, 0]],
    [1000, 2500, [['open', 'n']], [0, 1, 1000, 1500]],
    [
      1000,
      2500,
      [
        ['open', 'n'],
        ['goto', '1200'],
      ],
      [1034, 1035, 2034, 466],
    ],
    [1000, 2500, [['open', 'n'], ['goto', '1200'], ['scroll_down']], [1500, 1501, 2500, 0]],
    [1000, 2500, [['open', 'n'], ['goto', '1200'], ['scroll_down'], ['scroll_up']], [502, 503, 1502, 998]],
    [1000, 2500, [['open', 'n', '1500']], [1334, 1335, 2334, 166]],
    [
      1000,
      2500,
      [
        ['open', 'n'],
        ['goto', '1'],
      ],
      [0, 1, 1000, 1500],
    ],
    [
      1000,
      2500,
      [
        ['open', 'n'],
        ['goto', '0'],
      ],
      [0, 1, 1000, 1500],
    ],
    [10, 100, [['open', 'n']], [0, 1, 10, 90]],
    [10, 100, [['open', 'n', '50']], [49, 50, 59, 41]],
    [10, 100, [['open', 'n'], ['scroll_down']], [8, 9, 18, 82]],
    [11, 100, [['open', 'n']], [0, 1, 11, 89]],
    [
      11,
      100,
      [
        ['open', 'n'],
        ['goto', '50'],
      ],
      [48, 49, 59, 41],
    ],
    [
      11,
      100,
      [
        ['open', 'n'],
        ['goto', '100'],
      ],
      [89, 90, 100, 0],
    ],
    [10, 100, [['open', 'n', '100'], ['scroll_down'], ['scroll_down']], [90, 91, 100, 0]],
  ] as const)('of %i lines over %i lines after %j [E1]', async (size, count, calls, expected) => {
    await envd.write('n', numbers(count));
    let text = '';
    for (const [name, ...args] of calls)
      text = await envd.tool(name, args, { variables: { WINDOW: size, OVERLAP: 2 } });
    expect(text.split('\n')[0]).toBe(`[File: ${WORKSPACE}/n (${count} lines total)]`);
    expect(window(text)).toEqual(expected);
  });

  it('show empty files, empty lines, missing newlines and any bytes', async () => {
    await envd.write('empty', '');
    expect(await envd.tool('open', ['empty'])).toBe(`[File: ${WORKSPACE}/empty (0 lines total)]\n`);
    await envd.write('mixed', Buffer.from('a\n\n\xff\r\nlast', 'latin1'));
    const { body } = await envd.client.request('tool', { name: 'open', args: ['mixed'] });
    expect(body.toString('latin1')).toBe(`[File: ${WORKSPACE}/mixed (4 lines total)]\n1:a\n2:\n3:\xff\r\n4:last\n`);
  });
});

describe('open', () => {
  it.each([
    [[], 'Usage: open "<file>"\n'],
    [[''], 'Usage: open "<file>"\n'],
    [['none.py'], 'File none.py not found\n'],
    [['/dev/null'], 'File /dev/null not found\n'],
    [['.'], 'Error: . is a directory. You can only open files. Use cd or ls to navigate directories.\n'],
    [['n', 'abc'], 'Usage: open "<file>" [<line_number>]\nError: <line_number> must be a number\n'],
    [['n', '-3'], 'Usage: open "<file>" [<line_number>]\nError: <line_number> must be a number\n'],
    [['picture'], 'Error: picture is an image file. Current environment does not support image viewing.\n'],
    [['drawing'], 'Error: drawing is an image file. Current environment does not support image viewing.\n'],
  ])('%j says what is wrong and keeps the open file [E1]', async (args, text) => {
    await envd.write('n', numbers(3));
    await envd.write('picture', Buffer.from('89504e470d0a1a0a0000000d', 'hex'));
    await envd.write('drawing', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>\n');
    await envd.tool('open', ['n']);
    expect(await envd.tool('open', args)).toBe(text);
    expect((await envd.client.request('state')).header.open_file).toBe(`${WORKSPACE}/n`);
  });

  it('warns of lines beyond the file and takes the nearest', async () => {
    await envd.write('n', numbers(300));
    const variables = { variables: { WINDOW: 10 } };
    const over = await envd.tool('open', ['n', '301'], variables);
    expect(over).toMatch(
      /^Warning: <line_number> \(301\) is greater than the number of lines in the file \(300\)\nWarning: Setting <line_number> to 300\n\[File/,
    );
    expect(window(over)).toEqual([290, 291, 300, 0]);
    const under = await envd.tool('open', ['n', '0'], variables);
    expect(under).toMatch(/^Warning: <line_number> \(0\) is less than 1\nWarning: Setting <line_number> to 1\n\[File/);
    expect(window(under)).toEqual([0, 1, 10, 290]);
    expect(await envd.tool('open', ['n', '9'.repeat(6000)])).toContain('is greater than the number of lines');
  });

  it('refuses a line number in a large file only', async () => {
    await envd.write('n', numbers(5000));
    expect(await envd.tool('open', ['n', '7'])).toBe(
      "The file is larger than 20000 characters, please use 'head -n NUM_LINES' to open it\n",
    );
    expect(window(await envd.tool('open', ['n']))).toEqual([0, 1, 1000, 4000]);
  });

  it('resolves links and relative paths in the directory of the shell', async () => {
    await envd.run('mkdir -p src; echo code > src/file; ln -sf src/file link; cd src');
    expect(await envd.tool('open', ['file'])).toBe(`[File: ${WORKSPACE}/src/file (1 lines total)]\n1:code\n`);
    expect(await envd.tool('open', ['../link'])).toContain(`[File: ${WORKSPACE}/src/file (1`);
    expect(await envd.tool('open', ['file', '', 'more', 'arguments'])).toContain('1:code');
    await envd.run('mkdir "with space"; echo spaced > "with space/a b"');
    expect(await envd.tool('open', ['with space/a b', '1'])).toContain('1:spaced');
  });

  it('has no more rights than the agent [B5]', async () => {
    await envd.client.request(
      'put',
      { path: `${WORKSPACE}/of-root`, user: 'root', mode: 0o600 },
      Buffer.from('secret\n'),
    );
    expect(await envd.tool('open', ['of-root'])).toBe(
      `cat: ${WORKSPACE}/of-root: Permission denied\n[File: ${WORKSPACE}/of-root (0 lines total)]\n`,
    );
    expect(await envd.tool('open', ['/run/gymsmith/envd.sock'])).toBe('File /run/gymsmith/envd.sock not found\n');
    expect(await envd.tool('open', ['/etc/shadow'])).not.toContain('root:');
    expect(await envd.tool('create', ['/run/gymsmith-tools/new'])).toContain('Permission denied');
  });
});

describe('goto', () => {
  it.each([
    [['1', '2'], 'goto allows only one line number at a time.\n'],
    [[], 'Usage: goto <line>\n'],
    [['x'], 'Usage: goto <line>\nError: <line> must be a number\n'],
    [['-1'], 'Usage: goto <line>\nError: <line> must be a number\n'],
    [['4'], 'Error: <line> must be less than or equal to 3\n'],
    [['9'.repeat(5000)], 'Error: <line> must be less than or equal to 3\n'],
  ])('%j says what is wrong [E1]', async (args, text) => {
    await envd.write('n', numbers(3));
    await envd.tool('open', ['n']);
    expect(await envd.tool('goto', args)).toBe(text);
  });
});

describe('without an open file', () => {
  it.each([['goto', '1'], ['scroll_up'], ['scroll_down'], ['search_file', 'x']])(
    '%s asks for one',
    async (name, ...args) => {
      expect(await envd.tool(name, args)).toBe('No file open. Use the open command first.\n');
    },
  );

  it.each([
    ['edit', '1:1'],
    ['insert', '1'],
  ])('%s asks for one in other words', async (name, ...args) => {
    expect(await envd.tool(name, args, { stdin: 'x\n' })).toBe('No file open. Use the `open` command first.\n');
  });

  it('goto complains about two arguments first', async () => {
    expect(await envd.tool('goto', ['1', '2'])).toBe('goto allows only one line number at a time.\n');
  });
});

describe('scrolling', () => {
  const WARNING =
    'WARNING: Scrolling many times in a row is very inefficient.\nIf you know what you are looking for, use `search_file <pattern>` instead.\n';
  const variables = { variables: { WINDOW: 10, OVERLAP: 2 } };

  it('warns from the third time in a row, until something else is done [E1]', async () => {
    await envd.write('n', numbers(200));
    await envd.tool('open', ['n'], variables);
    expect(await envd.tool('scroll_down')).not.toContain(WARNING);
    expect(await envd.tool('scroll_up')).not.toContain(WARNING);
    expect((await envd.tool('scroll_down')).endsWith(WARNING)).toBe(true);
    expect((await envd.tool('scroll_down')).endsWith(WARNING)).toBe(true);
    await envd.run('echo "');
    await envd.run('sleep 9', { timeout_ms: 100 });
    expect((await envd.tool('scroll_down')).endsWith(WARNING)).toBe(true);
    await envd.run('true');
    expect(await envd.tool('scroll_down')).not.toContain(WARNING);
    expect(await envd.text('scroll_down')).not.toContain(WARNING);
    expect((await envd.text('scroll_down')).endsWith(WARNING)).toBe(true);
    expect(await envd.tool('scroll_down', [], { variables: { LAST_ACTION: 'validate' } })).not.toContain(WARNING);
    await envd.tool('scroll_down');
    expect((await envd.run('scroll_down', { variables: { LAST_ACTION: '' } })).text).not.toContain(WARNING);
  });

  it('within one line counts once', async () => {
    await envd.write('n', numbers(200));
    await envd.tool('open', ['n'], variables);
    expect(await envd.text('scroll_down; scroll_down; scroll_down; scroll_down')).not.toContain(WARNING);
  });
});

describe('create', () => {
  it('makes a file of one empty line and opens it [E1]', async () => {
    await envd.run('rm -f new.py');
    expect(await envd.tool('create', ['new.py'])).toBe(`[File: ${WORKSPACE}/new.py (1 lines total)]\n1:\n`);
    expect(await envd.text('od -c new.py | head -1; stat -c "%U %a" new.py')).toBe('0000000  \\n\nagent 644\n');
  });

  it.each([
    [[], 'Usage: create <filename>\n'],
    [['n'], `Error: File 'n' already exists.\n[File: ${WORKSPACE}/n (1 lines total)]\n1:1\n`],
    [
      ['.'],
      "Error: File '.' already exists.\nError: . is a directory. You can only open files. Use cd or ls to navigate directories.\n",
    ],
    [
      ['no/file'],
      '/home/agent/commands/defaults.sh: line 208: no/file: No such file or directory\nFile no/file not found\n',
    ],
  ])('%j says what is wrong', async (args, text) => {
    await envd.write('n', numbers(1));
    expect(await envd.tool('create', args)).toBe(text);
  });
});

describe('state', () => {
  it('tells the open file and the directory as JSON', async () => {
    await envd.run('mkdir -p "a \\" b"; cd "a \\" b"; echo x > "f g"');
    expect(JSON.parse(await envd.tool('state'))).toEqual({ open_file: 'n/a', working_dir: `${WORKSPACE}/a " b` });
    await envd.tool('open', ['f g']);
    expect(JSON.parse(await envd.text('state'))).toEqual({
      open_file: `${WORKSPACE}/a " b/f g`,
      working_dir: `${WORKSPACE}/a " b`,
    });
  });
});

describe('the fast path', () => {
  it('refuses what is no tool [B1]', async () => {
    expect(await envd.errorOf('tool', { name: 'rm', args: [] })).toBe('bad_request');
    expect(await envd.errorOf('tool', { name: 'open', args: [1] })).toBe('bad_request');
    expect(await envd.errorOf('tool', { name: 'open', args: ['a\0'] })).toBe('bad_request');
  });

  it('ends a tool that takes too long and keeps its state', async () => {
    await envd.write('n', numbers(3));
    await envd.tool('open', ['n']);
    await envd.run('mkdir -p slow; head -c 300000000 /dev/zero | tr "\\0" "a" > slow/big');
    const { header } = await envd.client.request('tool', {
      name: 'search_dir',
      args: ['\\(a*\\)*\\(a*\\)*\\1\\2b', 'slow'],
      timeout_ms: 300,
    });
    expect(header).toMatchObject({ timed_out: true, exit_code: 124, open_file: `${WORKSPACE}/n` });
    expect(await envd.tool('goto', ['2'])).toContain('2:2');
    await envd.run('rm -r slow');
  });
});
