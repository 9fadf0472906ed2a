import { describe, expect, it } from 'vitest';
import { compareStep } from '../../src/rollout/replay/compare-step.js';
import { EXCUSES } from '../../src/rollout/replay/excuse.js';
import { filesOf, KnownFiles, WORKSPACE } from '../../src/rollout/replay/known-files.js';
import type { RecordedStep } from '../../src/rollout/replay/recording.js';

const step = (action: string, observation = '', openFile: string | null = null): RecordedStep => ({
  ...{ action, sent: null, observation, openFile, cwd: WORKSPACE },
});

interface Case {
  action: string;
  recorded: string;
  replayed: string;
  before?: readonly RecordedStep[];
  isOld?: boolean;
  openFile?: string;
}

/** Why the last of some steps is left out; `differs` when it is not. */
function judge({ action, recorded, replayed, before = [], isOld = false, openFile }: Case): string {
  const known = new KnownFiles(['a.py', 'src/b.py']);
  const steps = [...before, step(action, recorded, openFile ?? null), step('ls')];
  for (const [index, earlier] of before.entries()) {
    known.note(earlier, compareStep({ isOld, steps, exitStatus: '' }, index, '', known).kind);
  }
  const { excuse, verdict } = compareStep({ isOld, steps, exitStatus: '' }, before.length, replayed, known);
  return excuse ?? verdict;
}

const ran = [step('python a.py', 'ok')];
const CRASHED =
  'Traceback (most recent call last):\nValueError: not enough values to unpack (2)\n[File: /w (0 lines total)]';

describe('what is left out of the count', () => {
  it.each<[string, Case]>([
    ['program', { action: 'ls', recorded: 'a.py\nsrc/\nx.pt', replayed: 'a.py\nsrc/', before: ran }],
    ['program', { action: 'ls -la', recorded: '-rw-r--r-- 1 a b 1 Nov 2 19:03 x', replayed: '', before: ran }],
    [
      'program',
      {
        action: 'ls x.pt',
        recorded: 'x.pt',
        replayed: "ls: cannot access 'x.pt': No such file or directory",
        before: ran,
      },
    ],
    ['program', { action: 'find . -name "*.pt"', recorded: './x.pt', replayed: '', before: ran }],
    [
      'program',
      {
        action: 'search_dir y',
        recorded: `Found 1 matches for "y" in .:\n${WORKSPACE}/x (1 matches)`,
        replayed: '',
        before: ran,
      },
    ],
    ['program', { action: 'cat out.txt', recorded: '1', replayed: 'No such file', before: ran }],
    ['program', { action: 'open out.txt', recorded: '1', replayed: '2', before: ran }],
    ['program', { action: 'goto 3', recorded: '1', replayed: '2', before: ran, openFile: `${WORKSPACE}/out.txt` }],
    ['program', { action: 'cat o', recorded: '1', replayed: '2', before: [...ran, step('cp made.txt o')] }],
    ['program', { action: 'cat n', recorded: '1', replayed: '2', before: [...ran, step('touch n'), step('rm n')] }],
    ['program', { action: 'ls -a out', recorded: './\n../\nx', replayed: "ls: cannot access 'out'", before: ran }],
    [
      'program',
      {
        action: 'ls\nedit 1:1\nx\nend_of_edit',
        recorded: 'a.py\nx.pt\n/bin/bash: line 1: t: command not found',
        replayed: 'a.py\n/bin/bash: line 1: t: command not found',
        before: [step('python a.py')],
      },
    ],
    ['data', { action: 'head -n 1 mine', recorded: '1', replayed: '2', before: [step('cp data/x mine')] }],
    ['data', { action: 'ls data', recorded: 'answer.csv*\ntrain.csv*', replayed: 'train.csv*' }],
    ['data', { action: 'cd data && ls ../data', recorded: 'answer.csv*', replayed: '' }],
    ['data', { action: 'ls', recorded: 'a.py\ndata/', replayed: 'a.py' }],
    ['data', { action: 'head -n 5 data/train.csv', recorded: 'x', replayed: 'y' }],
    ['data', { action: 'open data/train.csv', recorded: 'x', replayed: 'File data/train.csv not found' }],
    ['old_checkout', { action: 'cat a.py', recorded: 'x', replayed: '# header\nx', isOld: true }],
    ['outside', { action: 'open /usr/lib/python3/dist-packages/x.py', recorded: '1', replayed: '2' }],
    [
      'outside',
      { action: 'edit 1:1\nx\nend_of_edit', recorded: '1', replayed: '2', openFile: '/home/agent/miniconda3/x.py' },
    ],
    [
      'lost_output',
      { action: 'edit 1:1\nx\nend_of_edit', recorded: '\nEXECUTION FAILED OR COMMAND MALFORMED', replayed: 'x' },
    ],
    [
      'old_lint_crash',
      { action: 'edit 1:1\nx\nend_of_edit', recorded: CRASHED, replayed: 'Your proposed', isOld: true },
    ],
    [
      'old_size_limit',
      {
        action: 'open a.py 1',
        recorded: '[File',
        replayed: 'The file is larger than 20000 characters, please',
        isOld: true,
      },
    ],
    [
      'old_checkout',
      {
        action: 'ls -l',
        recorded: '-rwxrwxr-x 1 a b 1 Nov 2 19:03 e.py*',
        replayed: '-r-xr-xr-x 1 a b 1 Nov 2 19:03 e.py*',
        isOld: true,
      },
    ],
    ['old_checkout', { action: 'ls src', recorded: '__pycache__/\nb.py', replayed: 'b.py', isOld: true }],
  ])('%s: %o [E5]', (excuse, given) => {
    expect(judge(given)).toBe(excuse);
    expect(Object.keys(EXCUSES)).toContain(excuse);
  });

  it.each<[string, Case]>([
    ['a file more before any program ran', { action: 'ls', recorded: 'a.py\nsrc/\nx.pt', replayed: 'a.py\nsrc/' }],
    ['a starter file that is gone', { action: 'ls', recorded: 'a.py\nsrc/\nx.pt', replayed: 'src/', before: ran }],
    [
      'a file that the agent made',
      { action: 'ls', recorded: 'a.py\nn.py\nsrc/', replayed: 'a.py\nsrc/', before: [...ran, step('create n.py')] },
    ],
    [
      'a directory that the agent made',
      { action: 'ls', recorded: 'd/', replayed: '', before: [...ran, step('mkdir d')] },
    ],
    ['a copy of a known file', { action: 'cat c', recorded: '1', replayed: '2', before: [...ran, step('cp a.py c')] }],
    [
      'what was written by the shell',
      { action: 'cat c', recorded: '1', replayed: '2', before: [...ran, step('echo 1 > c')] },
    ],
    ['a starter file', { action: 'open a.py', recorded: '1', replayed: '2', before: ran }],
    [
      'an edit of a known file',
      { action: 'edit 1:1\nx\nend_of_edit', recorded: '1', replayed: '2', before: ran, openFile: `${WORKSPACE}/a.py` },
    ],
    ['a search for a word', { action: 'grep loss a.py', recorded: '1', replayed: '2', before: ran }],
    [
      'a search in the open file',
      { action: 'search_file x', recorded: '1', replayed: '2', before: ran, openFile: `${WORKSPACE}/a.py` },
    ],
    [
      'words beside a listing',
      { action: 'ls; cat a.py', recorded: 'a.py\nx = 1', replayed: 'a.py\nx = 2', before: ran },
    ],
    [
      'an edit beside a listing',
      { action: 'ls\nedit 1:1\nx\nend_of_edit', recorded: 'a.py\n1:x', replayed: 'a.py\n1:y', before: ran },
    ],
    ['what is printed', { action: 'echo a b', recorded: 'a b', replayed: 'a', before: ran }],
    [
      'modes in a new recording',
      { action: 'ls -l', recorded: '-rwxr-xr-x 1 a b 1 Nov 2 19:03 e', replayed: '-r-xr-xr-x 1 a b 1 Nov 2 19:03 e' },
    ],
    ['byte code in a new recording', { action: 'ls src', recorded: '__pycache__/\nb.py', replayed: 'b.py' }],
    [
      'another name in an old listing',
      {
        action: 'ls -l',
        recorded: '-rw-r--r-- 1 a b 1 Nov 2 19:03 e',
        replayed: '-rw-r--r-- 1 a b 1 Nov 2 19:03 f',
        isOld: true,
      },
    ],
    [
      'a traceback in a new recording',
      { action: 'edit 1:1\nx\nend_of_edit', recorded: CRASHED, replayed: 'Your proposed' },
    ],
    [
      'a size limit in a new recording',
      { action: 'open a.py 1', recorded: '[File', replayed: 'The file is larger than 20000 characters' },
    ],
    ['an output that we lost', { action: 'ls', recorded: 'x', replayed: '\nEXECUTION FAILED OR COMMAND MALFORMED' }],
    ['a starter file in a new recording', { action: 'cat a.py', recorded: 'x', replayed: 'y' }],
    [
      'a starter file that was edited',
      {
        ...{ action: 'cat a.py', recorded: 'x', replayed: 'y', isOld: true },
        before: [step('edit 1:1\nx\nend_of_edit', '1:x\nFile updated. y', `${WORKSPACE}/a.py`)],
      },
    ],
  ])('not: %s [E5]', (_what, given) => {
    expect(judge(given)).toBe('differs');
  });

  it('never is a program or an evaluation: they are counted apart', () => {
    expect(judge({ action: 'python x.py', recorded: 'a', replayed: 'b', before: ran })).toBe('differs');
    expect(judge({ action: 'validate', recorded: 'a', replayed: 'b', before: ran })).toBe('differs');
  });
});

describe('files of an action', () => {
  it.each([
    ['open a.py 3', ['a.py']],
    ['cd src && cat b.py > c', ['src', 'b.py', 'c']],
    ['edit 1:2\nx\nend_of_edit', ['open']],
    ['search_file x', ['open']],
    ['search_file x y.py', ['y.py']],
    ['head -n 3 f', ['f']],
    ['sed -n 1,3p f', ['f']],
    ['ls -la', []],
    ['chmod +x f', ['f']],
  ])('%j', (action, files) => {
    expect(filesOf(step(action, '', `${WORKSPACE}/open`))).toEqual(files.map((file) => `${WORKSPACE}/${file}`));
  });
});
