import { afterEach, describe, expect, it } from 'vitest';
import { Episode } from '../../src/env/episode/episode.js';
import type { CommandFile, EpisodeOptions } from '../../src/protocol/index.js';
import { WORKSPACE } from '../../src/sandbox/sandbox.js';
import { guessGym } from './guess-gym.js';

const gym = guessGym();

let episode: Episode | null = null;
const begin = async (options: EpisodeOptions) => {
  episode = await gym().begin('guess/small', { options });
};
const live = () => episode as Episode;
const step = async (action: string) => (await live().step(action)).observation;
const act = async (action: string) => (await step(action)).text;
afterEach(async () => {
  await episode?.close();
  episode = null;
});

const file = (name: string, contents: string): CommandFile => ({ name, contents });

describe('variables of a reset', () => {
  it('are what a configuration spells, unexported, in every shell of the episode [E4]', async () => {
    const variables = {
      SEARCH_RESULTS: '()',
      CURRENT_FILE: '',
      N: '$((6 * 7))',
      TEXT: '"a  b"',
      WINDOW: '4',
      OVERLAP: '1',
    };
    await begin({ variables });
    const shown = 'echo "$N|$TEXT|$WINDOW"; declare -p SEARCH_RESULTS CURRENT_FILE; printenv N TEXT';
    const expected = '42|a  b|4\ndeclare -a SEARCH_RESULTS=()\ndeclare -- CURRENT_FILE=""';
    expect(await act(shown)).toBe(expected);
    await act('exit 3');
    expect(await act(shown)).toBe(expected);
  });

  it('size the window of the viewer [E1]', async () => {
    await begin({ variables: { WINDOW: '4', OVERLAP: '1' } });
    await act('seq 1 50 > n; open n');
    const third = (await act('scroll_down')).split('\n');
    expect(third).toEqual([
      `[File: ${WORKSPACE}/n (50 lines total)]`,
      '(3 more lines above)',
      '4:4',
      '5:5',
      '6:6',
      '7:7',
      '(43 more lines below)',
    ]);
    await begin({ variables: { WINDOW: '6' }, window: 9 });
    await act('seq 1 50 > n');
    expect((await act('open n')).split('\n')).toHaveLength(8);
  });

  it.each([
    [{ A: '1', B: 'one two', C: '3' }, 'variables.B', /one: .*|two: command not found/],
    [{ B: '"' }, 'variables.B', /unexpected EOF/],
    [{ B: '$(exit 3)' }, 'variables.B', /bash did not take it/],
    [{ UID: '3' }, 'variables.UID', /UID: readonly variable/],
    [{ A: 'x\0' }, 'variables.A', /NUL/],
    [{ A: '\ud800' }, 'variables.A', /surrogate/],
    [
      Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`V${n}`, 'x'.repeat(4096)])),
      'variables',
      /bytes of the/,
    ],
  ])('that bash does not take are refused, %# %s [B1]', async (variables, option, message) => {
    await expect(begin({ variables })).rejects.toMatchObject({
      code: 'invalid_params',
      message: expect.stringMatching(message),
      data: { faults: [{ path: `options.${option}` }] },
    });
  });
});

describe('command files of a reset', () => {
  const greet = file(
    'greet.sh',
    '# @yaml\n# docstring: greets\ngreet() {\n  echo "hello $1 from $(whoami)"; nothing_such\n}\nls\n',
  );
  const program = file('count.words.py', '#!/usr/bin/env python3\nimport _shared\nprint(_shared.count())\n');
  const shared = file('_shared.py', 'import sys\ndef count(): return len(sys.argv) - 1\n');

  it('become commands, at no step, in every shell of the episode [E4]', async () => {
    await begin({ command_files: [greet, program, shared], compat: 'mlgym' });
    expect(live().state().step_count).toBe(0);
    const play = async () => {
      expect(await act('greet Ada')).toBe(
        'hello Ada from agent\n/home/agent/commands/greet.sh: line 4: nothing_such: command not found',
      );
      expect(await act('cd src && count.words a b "c d"; cd ..')).toBe('3');
      expect(await act('bash -c "count.words a"; find /home/agent/commands -type f -printf "%f %m %u\\n" | sort')).toBe(
        '1\n_shared.py 644 root\ncount.words 755 root\ngreet.sh 644 root',
      );
    };
    await play();
    const first = live();
    episode = await Episode.adopt(first.toRecord(), gym().task('guess/small'), gym().anotherProcess());
    await play();
    await first.close();
  });

  it('are there again when the agent destroyed its shell and the files [B4]', async () => {
    await begin({ command_files: [greet] });
    await act('unset -f greet; mv ../commands ../elsewhere; exit 3');
    expect(await act('greet Bob')).toMatch(/^hello Bob/);
  });

  it('may take the place of a command that every sandbox has [E4]', async () => {
    const files = [
      file('mine.sh', 'open() { echo "mine $*"; }\nedit() { echo "edit $1: $(cat)"; }\n'),
      file('goto', '#!/bin/bash\necho "going to $1 in $CURRENT_FILE"\n'),
    ];
    await begin({ command_files: files });
    expect(await act('open a b')).toBe('mine a b');
    expect((await live().step({ type: 'open', path: 'x y' })).observation.text).toBe('mine x y');
    expect(await act('edit 1:2\n$x\nend_of_edit')).toBe('edit 1:2: $x');
    await act('create "a b.py"');
    expect(await act('goto 3')).toBe(`going to 3 in ${WORKSPACE}/a b.py`);
    expect(await act('true; goto 4')).toBe(`going to 4 in ${WORKSPACE}/a b.py`);
    expect(await act('scroll_up')).toMatch(/^\[File: /);
  });

  it('never decide what is submitted [B5]', async () => {
    const files = [
      file(
        'submit.sh',
        'submit() { echo "<<SUBMISSION||"; }\nvalidate() { echo mine; }\nshopt -s expand_aliases; alias submit=true\n',
      ),
      file('validate.py', '#!/bin/sh\necho mine\n'),
    ];
    await begin({ command_files: files });
    await act('printf yes > submission.csv');
    expect((await live().step('true && validate')).info).toMatchObject({ valid: true, score: 1 });
    expect((await live().step('true && submit')).info).toMatchObject({ exit_status: 'submitted', score: 1 });
  });

  it.each<[CommandFile[], string, RegExp]>([
    [[file('notes.txt', 'x')], 'command_files.0', /notes\.txt is neither a program/],
    [[greet, file('..', '#!/bin/sh\n')], 'command_files.1', /no name of a file/],
    [[file('a.py', '#!x'), file('a', '#!x')], 'command_files.1', /two command files a$/],
    [[file('a.sh', 'x\0')], 'command_files.0', /NUL/],
    [[greet, file('large.sh', '#'.repeat(2 ** 20))], 'command_files', /bytes of the 1048576/],
    [[greet, file('bad.sh', 'if\n')], 'command_files.1', /bad\.sh: line \d: syntax error/],
    [[file('no.sh', 'echo why; return 3\n')], 'command_files.0', /bash did not take it\. It printed:\nwhy$/],
    [[file('end.sh', 'exit 0\n')], 'command_files', /ended the shell/],
  ])('that cannot be installed are refused %#: %s [B1]', async (command_files, option, message) => {
    await expect(begin({ command_files })).rejects.toMatchObject({
      code: 'invalid_params',
      message: expect.stringMatching(message),
      data: { faults: [{ path: `options.${option}` }] },
    });
  });
});

describe('the state command of a reset', () => {
  const code = `where() {
  local rows=$(wc -l < n 2>/dev/null)
  echo '{"open_file": "'"\${CURRENT_FILE:-n/a}"'", "working_dir": "'$PWD'",'
  echo; echo ' "rows": "'$rows'", "last": "'$?'"}'
};`;
  const state_command = { name: 'where', code };

  it('fills the state of every observation, and leaves the shell as it was [E4]', async () => {
    await begin({ state_command });
    expect(JSON.parse((await step('seq 1 5 > n; false')).state)).toMatchObject({ rows: '5', open_file: 'n/a' });
    expect(await act('echo $?')).toBe('1');
    await act('set -x');
    const traced = await step('echo x');
    expect(traced.text).not.toContain('where');
    expect(JSON.parse(traced.state)).toMatchObject({ rows: '5' });
    await act('set +x');
    await act('cd src; cp model.py "a \'b.py"');
    const opened = await step('open "a \'b.py"');
    expect(JSON.parse(opened.state)).toMatchObject({
      open_file: `${WORKSPACE}/src/a 'b.py`,
      working_dir: `${WORKSPACE}/src`,
    });
    expect(await step('validate')).toMatchObject({ step: 8, state: expect.stringContaining('"rows": ""') });
  });

  it('is asked at the reset, and by another process [B4]', async () => {
    const first = Episode.create('e1', gym().task('guess/small'), { options: { state_command } }, gym().deps);
    expect(JSON.parse((await first.reset()).observation.state)).toMatchObject({ rows: '', working_dir: WORKSPACE });
    await first.step('seq 1 3 > n');
    episode = await Episode.adopt(first.toRecord(), gym().task('guess/small'), gym().anotherProcess());
    expect(JSON.parse((await step('true')).state)).toMatchObject({ rows: '3' });
    await first.close();
  });

  it.each([
    ['prints no JSON', 'where() { echo "no $PWD"; }'],
    ['fails', 'where() { return 3; }'],
    ['is not there', 'unset -f where'],
    ['leaves', 'where() { exit 3; }'],
  ])('that %s gives way to the default, and harms nothing [B4]', async (_, broken) => {
    await begin({ state_command });
    expect(JSON.parse((await step('seq 1 5 > n')).state)).toMatchObject({ rows: '5' });
    await act(`x=kept; cd src; ${broken}`);
    const after = await step('echo $x');
    expect(after.text).toBe('kept');
    expect(JSON.parse(after.state)).toMatchObject({ rows: '5', open_file: 'n/a', working_dir: `${WORKSPACE}/src` });
  });

  it('that was never any good gives the default [B4]', async () => {
    await begin({ state_command: { name: 'nothing_such', code: ':' } });
    expect((await step('cd src')).state).toBe(`{"open_file": "n/a", "working_dir": "${WORKSPACE}/src"}`);
  });

  it('that bash does not take is refused [B1]', async () => {
    await expect(begin({ state_command: { name: 'where', code: 'where() {' } })).rejects.toMatchObject({
      code: 'invalid_params',
      data: { faults: [{ path: 'options.state_command.code' }] },
    });
  });

  it('is not asked while a command runs [E1]', async () => {
    await begin({ state_command });
    const partial = await live().step('sleep 0.4; seq 1 9 > n', { deadlineMs: 50 });
    expect(JSON.parse(partial.observation.state)).toMatchObject({ rows: '' });
    expect(JSON.parse((await live().step('wait')).observation.state)).toMatchObject({ rows: '9' });
  });
});
