import type { CommandClass } from './command-class.js';

/** An observation as it was recorded and as it is now. */
export interface ObservationPair {
  recorded: string;
  replayed: string;
}

/** What decides whether a rule may be used. */
export interface NormaliseContext {
  kind: CommandClass;
  /** Names of the commands in the action. */
  commands: readonly string[];
  /** Recorded before MLGym's release. */
  isOld: boolean;
  isLast: boolean;
}

/** One way in which equal answers may differ. */
export interface NormaliseRule {
  id: string;
  /** What it makes equal, in words. */
  what: string;
  applies(context: NormaliseContext): boolean;
  apply(pair: ObservationPair): ObservationPair;
}

const LISTERS = /^(?:ls|ll|la|l)$/;
const FINDERS = /^(?:find|find_file)$/;
const LONG_LINE =
  /^([bcdlps-][r-][w-][xsS-])([r-])[w-]([xsS-])([r-])[w-]([xtT-])[+.@]? +\d+ +\S+ +\S+ +(?:\d+, +\d+|[\d.,]+[KMGT]?) +\w{3} +\d+ +[\d:]+ (.*)$/gm;
const BASH_LINE =
  /^((?:\/bin\/)?bash: (?:-c: )?line )\d+(?=:(?! (?:syntax error|unexpected EOF|warning: here-document|`)))/gm;
const OLD_READ_ONLY =
  /^\/home\/agent\/commands\/(?:edit|insert)_linting\.sh: line \d+: (?<file>.*): Permission denied\n\[File: \k<file> \(\d+ lines total\)\]\n[\s\S]*\nFile updated\. [^\n]*$/;
const OLD_LINT_CRASH =
  /^Traceback \(most recent call last\):\n(?:(?!\[File: )[^\n]*\n)*?ValueError: not enough values to unpack [^\n]*\n(?=\[File: )/;
const VERDICT = /EXECUTION TIMED OUT[\s\S]*$/;
const NUMBER = /-?\b\d+(?:\.\d*)?(?:[eE][-+]?\d+)?\b/g;

const both =
  (change: (text: string) => string) =>
  ({ recorded, replayed }: ObservationPair): ObservationPair => ({
    recorded: change(recorded),
    replayed: change(replayed),
  });

/**
 * What is made equal before two observations are compared, in this order, each rule only where it says. Observations of deterministic
 * commands keep every number, name and word of theirs that no rule names.
 */
export const NORMALISE_RULES: readonly NormaliseRule[] = [
  {
    id: 'ls-facts',
    what: 'links, owner, group, size, date, and the rights of others to write, in the lines of `ls -l`; its total',
    applies: ({ commands }) => commands.some((name) => LISTERS.test(name)),
    apply: both((text) => text.replace(LONG_LINE, '$1$2-$3$4-$5 $6').replace(/^total \d[\d.,]*[KMGT]?$/gm, 'total')),
  },
  {
    id: 'bash-line',
    what: "the line that bash counts in its messages, which depends on all text before; not in the syntax check's",
    applies: ({ kind }) => kind !== 'viewer' && kind !== 'search',
    apply: both((text) => text.replace(BASH_LINE, '$1N')),
  },
  {
    id: 'find-order',
    what: 'the order in which `find` and `find_file` come upon files',
    applies: ({ commands }) => commands.length > 0 && commands.every((name) => FINDERS.test(name)),
    apply: both((text) => text.split('\n').sort().join('\n')),
  },
  {
    id: 'process-ids',
    what: 'process ids in messages of the shell',
    applies: ({ kind }) => kind === 'shell' || kind === 'program',
    apply: both((text) =>
      text
        .replace(/^\[\d+\] \d+$/gm, '[N] PID')
        .replace(/(: line N: +)\d+( (?:Killed|Terminated|Aborted|Segmentation fault))/g, '$1PID$2'),
    ),
  },
  {
    id: 'temporary-names',
    what: 'names that mktemp and Python choose under /tmp',
    applies: ({ kind }) => kind === 'shell' || kind === 'program',
    apply: both((text) => text.replace(/\/tmp\/tmp\.?[A-Za-z0-9_]{8,10}\b/g, '/tmp/NAME')),
  },
  {
    id: 'old-ending',
    what: 'old recordings: nothing instead of `Exited (...)` at the end',
    applies: ({ isOld, isLast }) => isOld && isLast,
    apply: (pair) =>
      pair.recorded === '' && /^Exited \(\w+\)$/.test(pair.replayed) ? { recorded: '', replayed: '' } : pair,
  },
  {
    id: 'old-read-only',
    what: 'old recordings: a refused write with an unchanged window instead of the text for read-only files',
    applies: ({ isOld, kind }) => isOld && kind === 'edit',
    apply: (pair) => ({
      ...pair,
      recorded: pair.recorded.replace(OLD_READ_ONLY, 'Error: You cannot edit read-only file $<file>'),
    }),
  },
  {
    id: 'old-lint-crash',
    what: 'old recordings: the traceback of the lint filter above the window of the accepted edit',
    applies: ({ isOld, kind }) => isOld && kind === 'edit',
    apply: (pair) => ({ ...pair, recorded: pair.recorded.replace(OLD_LINT_CRASH, '') }),
  },
  {
    id: 'time-out',
    what: 'what was printed before a time limit or an interrupt: the verdict is compared',
    applies: ({ kind }) => kind === 'program' || kind === 'shell',
    apply: (pair) =>
      VERDICT.test(pair.recorded) && VERDICT.test(pair.replayed)
        ? both((text) => VERDICT.exec(text)?.[0] ?? text)(pair)
        : pair,
  },
  {
    id: 'program-numbers',
    what: 'numbers in the output of programs and evaluations: measures, times, versions, addresses',
    applies: ({ kind }) => kind === 'program' || kind === 'evaluation',
    apply: both((text) => text.replace(/0x[0-9a-f]+/g, 'N').replace(NUMBER, 'N')),
  },
];

/** What came of normalising: the texts as they are compared, and the rules that changed one of them. */
export interface NormalisedPair extends ObservationPair {
  rules: readonly string[];
}

/** Applies the rules one after the other until the two are equal. */
export function normalise(pair: ObservationPair, context: NormaliseContext): NormalisedPair {
  const rules: string[] = [];
  let now = pair;
  for (const rule of NORMALISE_RULES) {
    if (now.recorded === now.replayed) break;
    if (!rule.applies(context)) continue;
    const next = rule.apply(now);
    if (next.recorded !== now.recorded || next.replayed !== now.replayed) rules.push(rule.id);
    now = next;
  }
  return { ...now, rules };
}
