import { describe, expect, it } from 'vitest';
import { classifyAction, type Plan } from '../../src/env/episode/classify-action.js';
import { MALFORMED_EDIT, MALFORMED_INSERT } from '../../src/env/observation/observation.js';
import type { Action } from '../../src/protocol/index.js';

const choices = { compat: 'fixed', step_timeout_s: 25, training_timeout_s: 1800, shadowed: [] as string[] } as const;
const classify = (action: Action, running = false) => classifyAction(action, choices, running);
const asMlgym = (action: Action) => classifyAction(action, { ...choices, compat: 'mlgym' }, false);
const shell = (command: string, timeoutS = 25): Plan => ({ kind: 'shell', command, timeoutS });
const tool = (name: string, args: string[], stdin?: string): Plan => ({
  kind: 'tool',
  path: null,
  calls: [{ name, args, ...(stdin !== undefined && { stdin }) }],
});

describe('classifyAction [E1]', () => {
  it.each<[string, Plan]>([
    ['skip', { kind: 'skip' }],
    [' exit_forfeit\n', { kind: 'forfeit' }],
    ['exit_context', { kind: 'give_up', reason: 'exit_context' }],
    ['exit_cost', { kind: 'give_up', reason: 'exit_cost' }],
    ['exit_error', { kind: 'give_up', reason: 'exit_error' }],
    ['exit_format', { kind: 'give_up', reason: 'exit_format' }],
    ['exit_api', { kind: 'give_up', reason: 'exit_api' }],
    ['exit_context now', shell('exit_context now')],
    ['exit_other', shell('exit_other')],
    ['exit', { kind: 'observe', text: '' }],
    ['', { kind: 'observe', text: '' }],
    [' \n\t', { kind: 'observe', text: '' }],
    ['exit 3', shell('exit 3')],
    ['submit', { kind: 'submit' }],
    ['submit later', { kind: 'submit' }],
    ['validate', { kind: 'validate' }],
    ['submit # comment', shell('submit # comment')],
    ['ls; submit', shell('ls; submit')],
    ['echo "<<SUBMISSION||"', shell('echo "<<SUBMISSION||"')],
    ['wait', shell('wait')],
    ['interrupt', shell('interrupt')],
    ['constructor', shell('constructor')],
  ])('takes %j for what it is', (action, plan) => {
    expect(classify(action)).toEqual(plan);
    expect(classify({ type: 'command', command: action })).toEqual(plan);
    expect(asMlgym(action)).toEqual(plan);
  });

  it.each<[string, Plan]>([
    ['open train.py', tool('open', ['train.py'])],
    ['open "a b.py" 10', tool('open', ['a b.py', '10'])],
    ['goto 12', tool('goto', ['12'])],
    ['scroll_down', tool('scroll_down', [])],
    ['scroll_up', tool('scroll_up', [])],
    ['create new.py', tool('create', ['new.py'])],
    ["search_dir 'x y' src", tool('search_dir', ['x y', 'src'])],
    ['search_file lr', tool('search_file', ['lr'])],
    ['find_file evaluate.py', tool('find_file', ['evaluate.py'])],
    ['edit 1:2\na\n$b\nend_of_edit', tool('edit', ['1:2'], 'a\n$b\n')],
    ['edit 1:2\nend_of_edit', tool('edit', ['1:2'], '')],
    ["edit 1:2 << 'end_of_edit'\n\n  x\nend_of_edit", tool('edit', ['1:2'], '\n  x\n')],
    ['edit\na\nend_of_edit', tool('edit', [], 'a\n')],
    ['insert 0\nend_of_edit\nend_of_insert', tool('insert', ['0'], 'end_of_edit\n')],
  ])('runs %j without a shell', (action, plan) => {
    expect(classify(action)).toEqual(plan);
    expect(asMlgym(action)).toEqual(plan);
  });

  it.each<[string, Plan]>([
    ['open $F', shell('open $F')],
    ['cd src && open a.py', shell('cd src && open a.py')],
    ['open a.py; ls', shell('open a.py; ls')],
    ['state', shell('state')],
    ['edit 1:1\na\nend_of_edit\nls', shell("edit 1:1 << 'end_of_edit'\na\nend_of_edit\nls")],
    ['ls\nedit 1:1\na\nend_of_edit', shell("ls\nedit 1:1 << 'end_of_edit'\na\nend_of_edit")],
    ["edit x << 'end_of_insert'\na\nend_of_insert", shell("edit x << 'end_of_insert'\na\nend_of_insert")],
    ['cat << X\na\nX', shell('cat << X\na\nX')],
  ])('leaves %j to the shell', (action, plan) => expect(classify(action)).toEqual(plan));

  it('repeats the defects of MLGym where it is asked to [E4]', () => {
    expect(asMlgym('ls\nedit 1:1\nB\nend_of_edit')).toEqual(shell("ls\n\nt 1:1 << 'end_of_edit'\nB\nend_of_edit"));
    expect(asMlgym('\nedit 1:1\nB\nend_of_edit')).toEqual(shell("<< 'end_of_edit'\nedit 1:1\nB\nend_of_edit"));
  });

  it.each([
    ['edit 1:2\nx', MALFORMED_EDIT],
    ['edit 1:2', MALFORMED_EDIT],
    ['edit \t 1:2 x', MALFORMED_EDIT],
  ])('answers %j at once', (action, text) => {
    expect(classify(action)).toEqual({ kind: 'observe', text });
    expect(asMlgym(action)).toEqual({ kind: 'observe', text });
  });

  it.each([
    ['insert 3\nx', MALFORMED_INSERT],
    ['insert 3', MALFORMED_INSERT],
    ['edit 1:2\nx\n  end_of_edit', MALFORMED_EDIT],
    ['edit 1:2 all\nx end_of_edit', MALFORMED_EDIT],
  ])('answers %j at once too, but for MLGym only what bash can parse', (action, text) => {
    expect(classify(action)).toEqual({ kind: 'observe', text });
    expect(asMlgym(action)).toEqual({ ...shell(action), unended: text });
  });

  it.each(['insert 3 << X\na\nX', 'insert 3 <<< end_of_edit', 'insert 3x', 'edit 1:2 < end_of_edit'])(
    'takes %j for an insertion with its text',
    (action) => {
      expect(classify(action)).toEqual(shell(action));
      expect(asMlgym(action)).toEqual(shell(action));
    },
  );

  it.each(['cat > a << EOF\nx\nEOF', 'EOF', "edit 1:1 << 'end_of_edit'\nEOF\nend_of_edit", 'python -c "\nEOF\n"'])(
    'has the syntax of %j checked as MLGym does, by a here-document that a line EOF ends [E4]',
    (action) => {
      const first = { text: `/bin/bash -n <<'EOF'\n${action}\nEOF\n`, timeoutS: 25 };
      const timeoutS = action.includes('python') ? 1800 : 25;
      expect(asMlgym(action)).toEqual({ ...shell(action, timeoutS), first });
      expect(classify(action)).not.toHaveProperty('first');
    },
  );

  it.each(['echo EOF', 'a\n EOF', 'EOF \nb', 'cat << E\nx\u2028EOF\nE', 'EOF_\nEO'])(
    'sees no line EOF in %j',
    (action) => expect(asMlgym(action)).not.toHaveProperty('first'),
  );

  it.each(['edit 1\nx', 'edit 1:2x\ny', 'editor 1:2\nx', 'ls\nedit 1:2\nx'])(
    'does not take %j for a malformed edit',
    (action) => expect(classify(action)).toMatchObject({ kind: 'shell' }),
  );

  it.each([
    ['ls', 25],
    ['python train.py', 1800],
    ['ls # python', 1800],
    ['cat python3.txt', 1800],
    ['torchrun x', 1800],
    ['accelerate launch', 1800],
    ['deepspeed x', 1800],
    ['cd a\nPYTHON x', 25],
  ])('gives %j its limit by the words in it', (action, timeoutS) =>
    expect(classify(action)).toMatchObject({ kind: 'shell', timeoutS }),
  );

  it('takes a shorter limit and no longer one than the task allows', () => {
    expect(classify({ type: 'bash', command: 'ls', timeout_s: 3 })).toEqual(shell('ls', 3));
    expect(classify({ type: 'bash', command: 'ls', timeout_s: 600 })).toEqual(shell('ls', 600));
    expect(classify({ type: 'command', command: 'ls', timeout_s: 1e6 })).toEqual(shell('ls', 1800));
  });

  it('waits and interrupts by word only while something runs', () => {
    expect(classify(' wait\n', true)).toEqual({ kind: 'wait', timeoutMs: null });
    expect(classify('interrupt', true)).toEqual({ kind: 'interrupt' });
    expect(classify({ type: 'wait', timeout_s: 2 })).toEqual({ kind: 'wait', timeoutMs: 2000 });
    expect(classify({ type: 'interrupt' })).toEqual({ kind: 'interrupt' });
  });

  it.each<[Action, Plan]>([
    [{ type: 'bash', command: 'skip' }, shell('skip')],
    [{ type: 'bash', command: 'open a.py' }, shell('open a.py')],
    [{ type: 'bash', command: 'edit 1:1\nx' }, shell('edit 1:1\nx')],
    [
      { type: 'bash', command: 'exit' },
      { kind: 'observe', text: '' },
    ],
    [{ type: 'open', path: "a'$b", line: 3 }, tool('open', ["a'$b", '3'])],
    [{ type: 'open', path: 'a' }, tool('open', ['a'])],
    [{ type: 'goto', line: 0 }, tool('goto', ['0'])],
    [{ type: 'scroll_down' }, tool('scroll_down', [])],
    [{ type: 'create', path: 'a b' }, tool('create', ['a b'])],
    [{ type: 'edit', start_line: 1, end_line: 2, text: '`x`' }, tool('edit', ['1:2'], '`x`\n')],
    [{ type: 'edit', start_line: 1, end_line: 2, text: '' }, tool('edit', ['1:2'], '')],
    [{ type: 'edit', start_line: 1, end_line: 1, text: 'end_of_edit\n' }, tool('edit', ['1:1'], 'end_of_edit\n')],
    [{ type: 'insert', line: 4, text: 'x' }, tool('insert', ['4'], 'x\n')],
    [{ type: 'search_dir', term: '-x' }, tool('search_dir', ['-x'])],
    [{ type: 'search_file', term: 'x', path: 'f' }, tool('search_file', ['x', 'f'])],
    [{ type: 'find_file', name: '*.py', path: '.' }, tool('find_file', ['*.py', '.'])],
    [{ type: 'validate' }, { kind: 'validate' }],
    [{ type: 'submit' }, { kind: 'submit' }],
    [{ type: 'skip' }, { kind: 'skip' }],
    [{ type: 'exit', reason: 'forfeit' }, { kind: 'forfeit' }],
    [
      { type: 'exit', reason: 'cost' },
      { kind: 'give_up', reason: 'exit_cost' },
    ],
  ])('takes %j literally', (action, plan) => expect(classify(action)).toEqual(plan));

  it('opens the file of a typed edit and fills a created one', () => {
    expect(classify({ type: 'insert', path: 'f', line: 1, text: 'a\n' })).toEqual({
      kind: 'tool',
      path: 'f',
      calls: [{ name: 'insert', args: ['1'], stdin: 'a\n' }],
    });
    expect(classify({ type: 'create', path: 'f', text: 'a' })).toEqual({
      kind: 'tool',
      path: null,
      calls: [
        { name: 'create', args: ['f'] },
        { name: 'edit', args: ['1:1'], stdin: 'a\n' },
      ],
    });
  });
});

describe("commands that are another's in the shell", () => {
  const shadowed = ['open', 'edit'];
  const plan = (action: Action) => classifyAction(action, { ...choices, shadowed }, false);

  it.each<[Action, string]>([
    ['open "a b.py"', 'open "a b.py"'],
    ['edit 1:1\nx\nend_of_edit', "edit 1:1 << 'end_of_edit'\nx\nend_of_edit"],
    [{ type: 'open', path: "a'b", line: 3 }, "open 'a'\\''b' 3"],
    [
      { type: 'edit', path: 'f', start_line: 1, end_line: 2, text: 'end_of_edit\nx' },
      "open f\nedit 1:2 << 'end_of_edit_'\nend_of_edit\nx\nend_of_edit_",
    ],
    [{ type: 'insert', path: 'f', line: 1, text: '' }, "open f\ninsert 1 << 'end_of_insert'\nend_of_insert"],
  ])('are left to it: %j [E4]', (action, command) => expect(plan(action)).toEqual(shell(command)));

  it('leave the others alone', () => {
    expect(plan('goto 3')).toEqual(tool('goto', ['3']));
    expect(plan({ type: 'insert', line: 1, text: 'x' })).toEqual(tool('insert', ['1'], 'x\n'));
    expect(plan('submit')).toEqual({ kind: 'submit' });
  });
});

describe('actions that no program can be given [B5]', () => {
  it.each<[string, Action]>([
    ['a NUL character', 'echo a\0b'],
    ['half of a surrogate pair', { type: 'bash', command: 'echo \ud800' }],
    ['a path with a NUL character', { type: 'open', path: 'a\0b' }],
    ['a path of an edit with a NUL character', { type: 'edit', path: 'a\0', start_line: 1, end_line: 1, text: 'x' }],
    ['a text with a NUL character', { type: 'create', path: 'a', text: 'a\0b\n' }],
  ])('%s is answered and not run', (_, action) => {
    expect(classify(action)).toMatchObject({ kind: 'observe', text: expect.stringContaining('NUL character') });
  });

  it.each<[string, Action]>([
    ['text', `echo ${'x'.repeat(2 ** 20)}`],
    ['text that grows on its way', 'é"\n'.repeat(200_000)],
    ['typed text', { type: 'create', path: 'a', text: 'é\n'.repeat(2 ** 20) }],
    ['a term', { type: 'search_dir', term: 'x'.repeat(2 ** 20) }],
  ])('too long a %s is answered and not run', (_, action) => {
    expect(classify(action)).toMatchObject({ kind: 'observe', text: expect.stringContaining('bytes') });
  });

  it('and whole pairs and half a megabyte are', () => {
    expect(classify('echo 😀')).toEqual(shell('echo 😀'));
    expect(classify(`echo ${'x'.repeat(2 ** 19)}`)).toMatchObject({ kind: 'shell' });
  });
});

it('keeps the quirks of command lines away from typed shell text [E1 E4]', () => {
  const command = 'ls\nedit 1:1\nx\nend_of_edit\ncat << EOF\ntext\nEOF';
  expect(asMlgym({ type: 'bash', command })).toEqual(classify({ type: 'bash', command }));
  expect(asMlgym(command)).not.toEqual(classify(command));
});
