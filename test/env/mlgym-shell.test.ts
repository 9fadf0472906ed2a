import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Episode } from '../../src/env/episode/episode.js';
import type { Action, EpisodeOptions } from '../../src/protocol/index.js';
import { WORKSPACE } from '../../src/sandbox/sandbox.js';
import { guessGym } from './guess-gym.js';

const gym = guessGym();

let episode: Episode;
const begin = async (options: EpisodeOptions = {}) => {
  episode = await gym().begin('guess/small', { options: { compat: 'mlgym', ...options } });
};
const act = async (action: Action) => (await episode.step(action)).observation.text;
afterEach(() => episode.close());

/** What bash says differs between versions only in the number of its line. */
const unnumbered = (text: string) => text.replace(/^\/bin\/bash: line \d+: (?!warning)/gm, '/bin/bash: line N: ');

const WARNING = "/bin/bash: line 2: warning: here-document at line 1 delimited by end-of-file (wanted `EOF')";
const NO_EOF = '/bin/bash: line N: EOF: command not found';

describe('a line EOF in an action', () => {
  beforeEach(() => begin());

  it.each([
    ['ends the check, so that nothing is written', 'cat > h1.txt << EOF\nline one\nEOF', `${WARNING}\n${NO_EOF}`],
    [
      'has what comes after it run during the check',
      'cat > h1.txt << EOF\nline one\nEOF\necho tail\nx=3',
      `${WARNING}\ntail\n${NO_EOF}`,
    ],
    ['alone is no command', 'EOF', NO_EOF],
    [
      'hides what is wrong before it',
      'echo "\nEOF\necho tail',
      expect.stringMatching(/^\/bin\/bash: [\s\S]*"'\ntail\n/),
    ],
  ])('%s [E4]', async (_, action, text) => {
    const { observation } = await episode.step(action);
    expect(typeof text === 'string' ? unnumbered(observation.text) : observation.text).toEqual(text);
    expect(observation.exit_code).toBe(127);
    expect(await act('ls h1.txt 2>/dev/null; echo "$x"')).toBe(action.includes('x=3') ? '3' : '');
  });

  it('lets the action run when the last EOF ends another here-document [E4]', async () => {
    expect(await act('cat << EOF\none\nEOF\ncat << EOF\ntwo')).toMatch(/^one\n(.*warning.*\n)?two/);
  });

  it('has the short limit for what is run during the check, and the words of the long one [E4]', async () => {
    await begin({ training_timeout_s: 77, step_timeout_s: 1 });
    const text = await act('cat > train.py << EOF\npass\nEOF\ncd src\nsleep 60 # python');
    expect(text).toMatch(/\nEXECUTION TIMED OUT BECAUSE THE COMMAND WAS RUNNING FOR MORE THAN 77 SECONDS\.$/);
    expect(await act('pwd; ls ../train.py 2>/dev/null')).toBe(`${WORKSPACE}/src`);
  });

  it('asks for an evaluation when what is run does [E4]', async () => {
    await act('printf "quietly yes" > submission.csv');
    const over = await episode.step('cat > a << EOF\nx\nEOF\nsubmit');
    expect(over).toMatchObject({ terminated: true, info: { mlgym_exit_status: 'submitted', score: 1 } });
    expect(over.observation.text).toBe('Exited (submit)');
  });

  it('is what it says outside of that mode [E1]', async () => {
    await begin({ compat: 'fixed' });
    expect(await act('cat > h1.txt << EOF\nline one\nEOF\ncat h1.txt')).toBe('line one');
  });
});

describe('the count of scrollings', () => {
  const WARNED = /\nWARNING: Scrolling many times in a row is very inefficient\.\nIf you know what/;
  const LATE: Action = { type: 'command', command: 'sleep 60', timeout_s: 0.3 };
  const scroll = async () => WARNED.test(await act('scroll_down'));

  beforeEach(async () => {
    await begin({ window: 4 });
    await act('seq 1 100 > n; printf "quietly yes" > submission.csv; open n');
    await act('open n');
    await act('scroll_down');
    await act('scroll_up');
  });

  it.each([
    ['a validation', 'validate'],
    ['one in a line', 'cd . && validate'],
    ['a command', 'true'],
    ['one that fails', 'false'],
    ['`exit`', 'exit'],
    ['nothing', ' \n'],
    ['another tool', 'goto 1'],
    ['a scrolling with an argument', 'scroll_down 3'],
  ])('begins anew after %s [E4]', async (_, action) => {
    await act(action);
    expect(await scroll()).toBe(false);
  });

  it.each([
    ['a timeout', LATE],
    ['a syntax error', 'echo (a)'],
    ['the check of a line EOF', 'cat << EOF\nx\nEOF'],
    ['a malformed edit', 'edit 1:2\nx'],
    ['an insertion without an end', 'insert 1\nx'],
  ])('goes on after %s [E4]', async (_, action) => {
    await act(action);
    expect(await scroll()).toBe(true);
  });

  it.each([
    ['goes on', LATE, true],
    ['begins anew', 'validate', false],
  ])('%s in another process [B4]', async (_, action, warns) => {
    await act(action);
    const first = episode;
    episode = await Episode.adopt(first.toRecord(), gym().task('guess/small'), gym().anotherProcess());
    expect(await scroll()).toBe(warns);
    await first.close();
  });
});

describe('one shell for everything', () => {
  beforeEach(() => begin());

  it('keeps directory, variables, functions, aliases and jobs, also after a timeout [E4]', async () => {
    await act('x=1; f() { echo "f $x"; }; alias g=f; sleep 300 &');
    expect(await act({ type: 'command', command: 'cd src; sleep 60; x=2', timeout_s: 1 })).toMatch(
      /\nEXECUTION TIMED OUT BECAUSE .* MORE THAN 1 SECONDS\.$/,
    );
    expect(await act('pwd; f; g; jobs -r | wc -l')).toBe(`${WORKSPACE}/src\nf 2\nf 2\n1`);
  });

  it.each([
    ['exit', ''],
    ['', ''],
    [' \n\t', ''],
    ['sleep 1 & echo started', 'started'],
    ['vim', '/bin/bash: line N: vim: command not found'],
    ['git --version', expect.stringMatching(/^git version /)],
    // Their input is at its end; MLGym's are given the commands that follow.
    ['cat', ''],
    ['read x', ''],
    ['python', ''],
    ['bash', ''],
  ])('answers %j with %j, and goes on [E4]', async (action, text) => {
    const { observation, terminated, truncated } = await episode.step(action);
    expect(unnumbered(observation.text)).toEqual(text);
    expect({ terminated, truncated }).toEqual({ terminated: false, truncated: false });
    expect(await act('echo on')).toBe('on');
  });

  it.each([
    ['exit 3', 'COMMAND FAILED TO EXECUTE'],
    ['set -u; echo $unset_x', 'COMMAND FAILED TO EXECUTE'],
    ['while true; do :; done', 'EXECUTION TIMED OUT AND INTERRUPT FAILED'],
  ])('ends with its shell: `%s` [E3 E4]', async (action, text) => {
    const over = await episode.step({ type: 'command', command: action, timeout_s: 2 });
    expect(over.observation.text.endsWith(`\n${text}. RESTARTING PROCESS.`)).toBe(true);
    expect(over).toMatchObject({ truncated: true, info: { mlgym_exit_status: 'early_exit' } });
  });

  it('parses an edit without its end, and says what is wrong with it before that [E4]', async () => {
    await act('open src/model.py');
    expect(await act('insert 1\nimport sys\nsys.path.append("x")')).toBe(
      '/bin/bash: line 3: syntax error near unexpected token `"x"\'\n/bin/bash: line 3: `sys.path.append("x")\'',
    );
    const malformed = (name: string) =>
      `Malformed ${name} command. Please ensure you use the \`end_of_${name}\` keyword to mark the end of your ${name}.`;
    expect(await act('insert 1\ntouch ran')).toBe(malformed('insert'));
    expect(await act('edit 1:2\ntouch ran\n  end_of_edit')).toBe(malformed('edit'));
    expect(await act('ls ran 2>/dev/null; cat src/model.py')).toBe('def f():\n    return 1');
  });

  it('validates only, when a line asks for both [E4]', async () => {
    await act('printf "quietly yes" > submission.csv');
    const both = await episode.step('echo shown; validate; submit');
    expect(both.terminated).toBe(false);
    expect(both.observation.text).toMatch(/^Your code produced a valid submission artefact at /);
  });

  it('gives what programs print about a submission no power [B5]', async () => {
    const marks =
      "printf '%s\\n' '<<SUBMISSION||' 'submitting file' '||SUBMISSION>>' '///PROCESS-DONE:0:PROCESS-DONE///'";
    const printed = await episode.step(marks);
    expect(printed).toMatchObject({ terminated: false, info: { valid: null } });
  });
});
