import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommandClass, commandClass } from '../../src/rollout/replay/command-class.js';
import { shellCommands } from '../../src/rollout/replay/shell-commands.js';

const classOf = (action: string, observation = ''): CommandClass =>
  commandClass({ action, sent: null, observation, openFile: null, cwd: null });
const words = (text: string) => shellCommands(text).map((command) => command.words.join('|'));

describe('classes of commands', () => {
  it.each<[CommandClass, string]>([
    ['viewer', 'open a.py 10'],
    ['viewer', 'goto 5'],
    ['viewer', 'scroll_down\n'],
    ['edit', 'create new.py\n'],
    ['edit', 'edit 1:2\nimport os\nos.system("python x.py")\nend_of_edit\n'],
    ['edit', 'edit 1:2\n$RANDOM $$\nend_of_edit'],
    ['edit', "edit 1:1 << 'end_of_edit'\npython\nend_of_edit"],
    ['edit', 'insert 3\nvalidate\nend_of_insert'],
    ['search', 'search_dir "python" src'],
    ['search', 'find_file x.py'],
    ['shell', 'ls -la # python'],
    ['shell', 'cd data && ls; pwd'],
    ['shell', "cat << 'STOP' > run.sh\npython train.py\nSTOP"],
    ['shell', 'open a.py\nls'],
    ['shell', 'for f in *.py; do head -n 1 "$f"; done'],
    ['shell', 'A=1 B="x y" echo $A | grep 1 > out.txt 2>&1'],
    ['ending', 'submit\n'],
    ['ending', 'exit_format'],
    ['evaluation', 'validate\n'],
    ['evaluation', 'ls\nvalidate'],
    ['program', 'python train.py'],
    ['program', 'cd src && python3 train.py'],
    ['program', 'ls; torchrun --nproc_per_node=2 a.py'],
    ['program', 'echo $(python -c "print(1)")'],
    ['program', 'echo "`date`"'],
    ['program', 'PYTHONPATH=. python x.py'],
    ['program', 'pip install xgboost'],
    ['program', 'nvidia-smi'],
    ['program', './run.sh'],
    ['program', 'echo $RANDOM'],
    ['program', 'cat /proc/self/status'],
    ['program', 'find . -name "*.py" -exec python {} \\;'],
    ['program', 'source run.sh'],
    ['program', 'date'],
  ])('%s: %j [E5]', (kind, action) => {
    expect(classOf(action)).toBe(kind);
  });

  it('takes an unknown word for one that is nowhere when the recording says so', () => {
    const prose = 'Assign the value';
    expect(classOf(prose)).toBe('program');
    expect(classOf(prose, '/bin/bash: line 9: Assign: command not found')).toBe('shell');
  });

  it('tells actions of which nothing was run by their answers', () => {
    expect(classOf('edit 1:2\nx', 'Malformed edit command. Please')).toBe('refused');
    expect(classOf('python "', '/bin/bash: line 1: unexpected EOF while looking for matching `"\'')).toBe('refused');
    expect(classOf('submit', '/bin/bash: line 1: syntax error')).toBe('ending');
  });

  it('knows typed actions', () => {
    const typed = (sent: Parameters<typeof commandClass>[0]['sent']) =>
      commandClass({ action: 'said', sent, observation: '', openFile: null, cwd: null });
    expect(typed({ type: 'bash', command: 'ls' })).toBe('shell');
    expect(typed({ type: 'bash', command: 'python x' })).toBe('program');
    expect(typed('ls')).toBe('shell');
    expect(typed({ type: 'edit', start_line: 1, end_line: 1, text: '' })).toBe('edit');
    expect(typed({ type: 'open', path: 'a' })).toBe('viewer');
    expect(typed({ type: 'validate' })).toBe('evaluation');
    expect(typed({ type: 'submit' })).toBe('ending');
    expect(typed({ type: 'exit', reason: 'cost' })).toBe('ending');
  });
});

describe('commands of a shell text', () => {
  it.each([
    ['a b;c|d&&e||f &\ng', ['a|b', 'c', 'd', 'e', 'f', 'g']],
    [`echo 'a;b' "c|d" e\\;f`, ['echo|a;b|c|d|e;f']],
    ['if a; then b; else c; fi', ['a', 'b', 'c']],
    ['while read x; do a; done < f', ['read|x', 'a']],
    ['(cd a; ls)', ['cd|a', 'ls']],
    ['x=$(ls a) y=1 echo "$(cat b)"', ['ls|a', 'cat|b', 'echo|$(cat b)']],
    ['a # b; c\nd', ['a', 'd']],
    ["cat << 'X' > f\nrm -rf /\nX\nls", ['cat', 'ls']],
    ['cat <<< word', ['cat']],
    ['a 2>&1 2>/dev/null', ['a']],
    ['', []],
    ["echo 'open", ['echo|open']],
    ['a \\\n b', ['a|b']],
  ])('%j [E5]', (text, commands) => {
    expect(words(text)).toEqual(commands);
  });

  it('finds the files that are written', () => {
    expect(shellCommands('echo a > x; b >> y 2> z; > w; c &> v').map(({ writes }) => writes)).toEqual([
      ['x'],
      ['y', 'z'],
      ['w'],
      ['v'],
    ]);
  });

  it('passes over what stands below edit and insert up to their ends', () => {
    expect(words('open a\nedit 1:1\nx; y\nend_of_edit\nls')).toEqual(['open|a', 'edit|1:1', 'ls']);
    expect(words('insert 1\nx\nend_of_edit')).toEqual(['insert|1', 'x', 'end_of_edit']);
  });

  it('takes any text', () => {
    const piece = fc.constantFrom(
      '$(',
      '`',
      '"',
      "'",
      '\\',
      '<<',
      'EOF',
      '\n',
      ' ',
      '(',
      ')',
      ';',
      '#',
      'a',
      'edit 1:1',
      '>',
      '&',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(Array.isArray(shellCommands(pieces.join('')))).toBe(true);
      }),
    );
  });

  it('are found in a hostile text of megabytes: edits that never end, nested substitutions [B4]', () => {
    expect(shellCommands('edit 1:1\n'.repeat(300_000)).length).toBe(300_000);
    const ended = 'edit 1:1\nrm x\nend_of_edit\n'.repeat(50_000);
    expect(shellCommands(ended).filter(({ words: [command] }) => command === 'rm')).toEqual([]);
    expect(shellCommands('"$('.repeat(100_000)).length).toBeLessThan(100);
  });
});
