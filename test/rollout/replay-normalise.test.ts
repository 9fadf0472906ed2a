import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NORMALISE_RULES, type NormaliseContext, normalise } from '../../src/rollout/replay/normalise.js';

const context = (changes: Partial<NormaliseContext> = {}): NormaliseContext => ({
  kind: 'shell',
  commands: ['ls'],
  isOld: false,
  isLast: false,
  ...changes,
});

/** What came of comparing: the rules that made them equal, or `differ`. */
function compare(
  recorded: string,
  replayed: string,
  changes: Partial<NormaliseContext> = {},
): readonly string[] | 'differ' {
  const { rules, ...pair } = normalise({ recorded, replayed }, context(changes));
  return pair.recorded === pair.replayed ? rules : 'differ';
}

const UPDATED = 'File updated. Please review the changes.';
const REFUSED_WRITE = `/home/agent/commands/edit_linting.sh: line 79: /w/a.py: Permission denied\n[File: /w/a.py (1 lines total)]\n1:x\n${UPDATED}`;
const CRASH =
  'Traceback (most recent call last):\n  File "/home/agent/commands/_split_string", line 118, in <module>\n    format(\nValueError: not enough values to unpack (expected 3, got 2)\n';

describe('normalising', () => {
  it('leaves equal observations alone, whatever they hold [E5]', () => {
    expect(compare('a 1', 'a 1', { kind: 'program' })).toEqual([]);
  });

  it.each<[string, string, string, Partial<NormaliseContext>]>([
    [
      'ls-facts',
      'total 24\ndrwxr-xr-x 2 agent mlgym 4096 Dec  2 19:03 ./\n-rw-rw-r-- 1 agent mlgym 1648 Nov 25 14:12 a b.py\n-r-xr-xr-x 1 agent mlgym 3111 Nov 25  2024 e.py*',
      'total 12\ndrwxr-xr-x 9 agent mlgym  100 Nov 20 15:59 ./\n-rw-r--r-- 1 agent mlgym 12 Nov 20 15:59 a b.py\n-r-xr-xr-x 1 root  root  3132 Nov 20 15:59 e.py*',
      {},
    ],
    [
      'ls-facts',
      'total 1.2M\n-rw-r--r-- 1 a b 1.2M Nov 2 19:03 f',
      'total 4.0K\n-rw-r--r-- 1 a b 4.0K Nov 2 19:03 f',
      {},
    ],
    ['bash-line', '/bin/bash: line 898: Assign: command not found', '/bin/bash: line 3: Assign: command not found', {}],
    [
      'find-order',
      'Found 2 matches\n/w/a\n/w/b',
      'Found 2 matches\n/w/b\n/w/a',
      { commands: ['find_file'], kind: 'search' },
    ],
    ['find-order', './a\n./b', './b\n./a', { commands: ['find'] }],
    ['process-ids', '[1] 311\nstarted', '[1] 4\nstarted', {}],
    ['temporary-names', '/tmp/tmp.Ab12Cd34Ef', '/tmp/tmp.zzzzzzzzzz', { commands: ['mktemp'] }],
    ['temporary-names', 'in /tmp/tmpab12_x8q', 'in /tmp/tmp00000000', { kind: 'program' }],
    ['old-ending', '', 'Exited (submit)', { kind: 'ending', isOld: true, isLast: true }],
    ['old-read-only', REFUSED_WRITE, 'Error: You cannot edit read-only file /w/a.py', { kind: 'edit', isOld: true }],
    [
      'old-lint-crash',
      `${CRASH}[File: /w/a.py (1 lines total)]\n1:x`,
      '[File: /w/a.py (1 lines total)]\n1:x',
      { kind: 'edit', isOld: true },
    ],
    [
      'time-out',
      '/bin/bash: line 9:   169 Killed  sleep 60\n///PROCESS-DONE:137:PROCESS-DONE///\n\nEXECUTION TIMED OUT BECAUSE X 25 SECONDS.',
      'partial\nEXECUTION TIMED OUT BECAUSE X 25 SECONDS.',
      {},
    ],
    ['program-numbers', 'loss 0.125 at 0x7f1a (3.1e-05 s), -2', 'loss 4 at 0x0 (17 s), 9.5', { kind: 'program' }],
    [
      'program-numbers',
      "Evaluation Score: {'Score': 1.25}",
      "Evaluation Score: {'Score': 0.1}",
      { kind: 'evaluation' },
    ],
  ])('%s makes equal what may differ [E5]', (id, recorded, replayed, changes) => {
    expect(compare(recorded, replayed, changes)).toContain(id);
  });

  it.each<[string, string, string, Partial<NormaliseContext>]>([
    ['another name in ls -l', '-rw-r--r-- 1 a b 1 Nov 2 19:03 f', '-rw-r--r-- 1 a b 1 Nov 2 19:03 g', {}],
    ['a program in ls -l', '-rwxr-xr-x 1 a b 1 Nov 2 19:03 f*', '-rw-r--r-- 1 a b 1 Nov 2 19:03 f', {}],
    ['what its owner may do', '-rw-r--r-- 1 a b 1 Nov 2 19:03 f', '-r--r--r-- 1 a b 1 Nov 2 19:03 f', {}],
    ['what others may read', 'drwxr-x--- 1 a b 1 Nov 2 19:03 f', 'drwxr-xr-x 1 a b 1 Nov 2 19:03 f', {}],
    [
      'a size that cat shows',
      '-rw-r--r-- 1 a b 1 Nov 2 19:03 f',
      '-rw-r--r-- 1 a b 2 Nov 2 19:03 f',
      { commands: ['cat'] },
    ],
    ['an entry more', 'a\nb', 'a\nb\nc', {}],
    [
      'another unknown command',
      '/bin/bash: line 1: a: command not found',
      '/bin/bash: line 1: b: command not found',
      {},
    ],
    [
      "a line of the syntax check's",
      '/bin/bash: line 2: syntax error near unexpected token',
      '/bin/bash: line 3: syntax error near unexpected token',
      { kind: 'refused' },
    ],
    [
      'the same message from the shell',
      "/bin/bash: line 2: warning: here-document at line 1 delimited by end-of-file (wanted `EOF')",
      "/bin/bash: line 3: warning: here-document at line 1 delimited by end-of-file (wanted `EOF')",
      {},
    ],
    [
      'the line of a command file',
      '/home/agent/commands/defaults.sh: line 208: x',
      '/home/agent/commands/defaults.sh: line 9: x',
      {},
    ],
    ['another file found', './a\n./b', './a\n./c', { commands: ['find'] }],
    ['the order of other commands', 'b\na', 'a\nb', { commands: ['cat'] }],
    ['a sorted find', './b\n./a', './a\n./b', { commands: ['find', 'sort'] }],
    ['numbers in files', '1:x = 1', '1:x = 2', { kind: 'viewer', commands: ['open'] }],
    ['numbers of a shell command', '3 a.py', '4 a.py', { commands: ['wc'] }],
    ['words of a program', 'loss 0.1', 'gain 0.1', { kind: 'program' }],
    ['names of metrics', "{'Score': 1.0}", "{'Time': 1.0}", { kind: 'evaluation' }],
    ['an empty end of a new recording', '', 'Exited (submit)', { kind: 'ending', isLast: true }],
    ['an empty observation elsewhere', '', 'Exited (submit)', { kind: 'ending', isOld: true }],
    [
      'another reason of the end',
      'Exited (max_steps)',
      'Exited (submit)',
      { kind: 'ending', isOld: true, isLast: true },
    ],
    [
      'another file that is read-only',
      REFUSED_WRITE,
      'Error: You cannot edit read-only file /w/b.py',
      { kind: 'edit', isOld: true },
    ],
    [
      'a refused write of a new recording',
      REFUSED_WRITE,
      'Error: You cannot edit read-only file /w/a.py',
      { kind: 'edit' },
    ],
    [
      'another window below a crash',
      `${CRASH}[File: /w/a.py (1 lines total)]\n1:x`,
      '[File: /w/a.py (1 lines total)]\n1:y',
      { kind: 'edit', isOld: true },
    ],
    ['another time limit', 'EXECUTION TIMED OUT AFTER 25 SECONDS.', 'EXECUTION TIMED OUT AFTER 60 SECONDS.', {}],
    ['a time-out and none', 'EXECUTION TIMED OUT', 'done', {}],
    ['a time-out in a file', '1:EXECUTION TIMED OUT x', '2:EXECUTION TIMED OUT x', { kind: 'viewer' }],
  ])('keeps apart: %s [E5]', (_what, recorded, replayed, changes) => {
    expect(compare(recorded, replayed, changes)).toBe('differ');
    expect(compare(replayed, recorded, changes)).toBe('differ');
  });

  it('takes no two windows for one, whatever they show [E5]', () => {
    const piece = fc.constantFrom(
      ...['1:', 'total 4', '/bin/bash: line 3: x', '[1] 4', '/tmp/tmpabcdefgh', '\n', '0.5', 'a', ''],
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, (recorded, replayed) => {
        const came = compare(recorded, replayed, { kind: 'viewer', commands: ['open'], isOld: true });
        expect(came === 'differ').toBe(recorded !== replayed);
      }),
    );
  });

  it('names every rule once', () => {
    const ids = NORMALISE_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
