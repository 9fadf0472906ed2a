import path from 'node:path';
import type { ShellCommand } from '../../replay/shell-commands.js';

/** A file or directory that an action makes, changes, links, moves away or removes. */
export interface FileChange {
  how: 'written' | 'removed' | 'linked';
  name: string;
  /** Where it lies: in the workspace itself, among Python's packages, or anywhere else. */
  where: 'workspace' | 'packages' | 'elsewhere';
}

/** Where an action begins. */
export interface Place {
  openFile: string | null;
  cwd: string;
  /** Where the episode began. */
  workspace: string;
}

type Change = [how: FileChange['how'], path: string];

const PACKAGES = /(?:^|\/)(?:site|dist)-packages\/|(?:^|\/)usr\/lib\/python/;
/** Of Python, one string literal as the path; `$1` to `$n` of each is that path. */
const LITERAL = '[rbuf]{0,2}["\']([^"\'\\n]{1,300})["\']';
const PYTHON: readonly (readonly [FileChange['how'], RegExp])[] = [
  ['written', new RegExp(`\\bopen\\(\\s*${LITERAL}\\s*,\\s*(?:mode\\s*=\\s*)?["'][rb]*[wax+]`, 'g')],
  ['written', new RegExp(`\\bPath\\(\\s*${LITERAL}\\s*\\)\\.(?:write_text|write_bytes|touch|mkdir)\\(`, 'g')],
  [
    'written',
    new RegExp(`\\b(?:copy|copy2|copyfile|move|rename|replace)\\([^,()\\n]{1,200},\\s*${LITERAL}\\s*\\)`, 'g'),
  ],
  ['removed', new RegExp(`\\bos\\.(?:remove|unlink|rename|replace|chmod)\\(\\s*${LITERAL}`, 'g')],
  [
    'linked',
    new RegExp(
      `\\b(?:os\\.(?:symlink|link)\\([^,()\\n]{1,200},\\s*|Path\\(\\s*)${LITERAL}\\s*\\)(?:\\.symlink_to\\()?`,
      'g',
    ),
  ],
];

/** @returns what an action does to files, as far as it can be read off the text of the action */
export function fileChanges(text: string, commands: readonly ShellCommand[], place: Place): FileChange[] {
  const changes: Change[] = commands.flatMap((command) => [
    ...command.writes.map((file): Change => ['written', file]),
    ...ofWords(command.words, place),
  ]);
  for (const [how, pattern] of PYTHON) {
    for (const [all, file] of text.matchAll(pattern)) {
      if (how === 'linked' && !/link/.test(all)) continue;
      changes.push([how, file!]);
    }
  }
  return changes.map(([how, file]) => {
    const whole = path.posix.resolve(place.cwd, file);
    const directory = path.posix.dirname(whole);
    const isPackage = PACKAGES.test(whole);
    const isInWorkspace = directory === place.workspace;
    return {
      how,
      name: path.posix.basename(whole),
      where: isPackage ? 'packages' : isInWorkspace ? 'workspace' : 'elsewhere',
    };
  });
}

function ofWords(words: readonly string[], { openFile }: Place): Change[] {
  const [name = '', ...rest] = words[0] === 'sudo' ? words.slice(1) : words;
  const paths = rest.filter((word) => !word.startsWith('-'));
  const last = paths.at(-1);
  const options = rest.filter((word) => word.startsWith('-')).join(' ');
  const all = (how: FileChange['how'], files: readonly string[]): Change[] => files.map((file) => [how, file]);
  switch (name) {
    case 'rm':
    case 'unlink':
      return all('removed', paths);
    case 'mv':
      return last === undefined ? [] : [...all('removed', paths.slice(0, -1)), ['written', last]];
    case 'cp':
    case 'install':
      return paths.length < 2 || last === undefined ? [] : [['written', last]];
    case 'ln':
      return last === undefined ? [] : [['linked', paths.length === 1 ? last.replace(/.*\//, '') : last]];
    case 'tee':
    case 'truncate':
    case 'mkdir':
    case 'mkfifo':
    case 'mknod':
    case 'create':
      return all('written', paths);
    case 'sed':
    case 'perl':
      return /(?:^| )(?:-\w*i|--in-place)/.test(options) ? all('written', paths.slice(-1)) : [];
    case 'chmod':
      return /w|[0-7]*[2367][0-7]{0,2}$/.test(paths[0] ?? '') && !/^[0-7]?[0-7]55$/.test(paths[0] ?? '')
        ? all('written', paths.slice(1))
        : [];
    case 'edit':
    case 'insert':
      return openFile === null ? [] : [['written', openFile]];
    case 'str_replace_editor':
    case 'str_replace_based_edit_tool':
      return /^(?:create|str_replace|insert)$/.test(paths[0] ?? '') && paths[1] ? [['written', paths[1]]] : [];
    default:
      return all(
        'written',
        rest.filter((word) => name === 'dd' && word.startsWith('of=')).map((word) => word.slice('of='.length)),
      );
  }
}
