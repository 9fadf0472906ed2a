import type { CommandFile } from '../../protocol/index.js';
import type { PutFile } from '../../sandbox/sandbox.js';
import { COMMAND_FILES_BYTES } from '../limits.js';
import { resetFault } from './reset-fault.js';

/** Where commands of the agent lie, and what it finds its programs by. */
export const COMMANDS_DIRECTORY = '/home/agent/commands';

/** Never another's: whoever answered to these names would decide what is evaluated. */
export const RESERVED_COMMANDS = ['submit', 'validate'] as const;

/** Command files as they are put into a sandbox. */
export interface InstalledCommands {
  files: readonly PutFile[];
  /** Paths of those to source, with their places in the list of files. */
  sourced: readonly { index: number; path: string }[];
  /** Names of programs. */
  programs: readonly string[];
}

type Kind = { kind: 'program' | 'source' | 'other'; name: string };

function kindOf({ name, contents }: CommandFile): Kind | string {
  if (name === '.' || name === '..') return 'is no name of a file';
  if (contents.includes('\0')) return 'holds a NUL character';
  if (contents.trimStart().startsWith('#!')) {
    const stem = name.lastIndexOf('.') > 0 ? name.slice(0, name.lastIndexOf('.')) : name;
    return { kind: 'program', name: stem };
  }
  if (name.endsWith('.sh')) return { kind: 'source', name };
  if (name.startsWith('_')) return { kind: 'other', name };
  return 'is neither a program, whose first line starts with #!, nor a file to source, whose name ends in .sh, nor a file beside them, whose name begins with _';
}

/**
 * Sorts command files in MLGym's manner: a file whose first line starts with `#!` is a program, called by its name without extension; other
 * files that end in `.sh` are sourced in their order; other names that begin with `_` only lie beside them.
 * @throws RpcError `invalid_params` when a file is none of these, takes the place of another, or they are too large
 */
export function installedCommands(commandFiles: readonly CommandFile[]): InstalledCommands {
  const files: PutFile[] = [];
  const sourced: InstalledCommands['sourced'][number][] = [];
  const programs: string[] = [];
  const places = new Set<string>();
  const bytes = commandFiles.reduce((sum, { contents }) => sum + Buffer.byteLength(contents), 0);
  if (bytes > COMMAND_FILES_BYTES) {
    throw resetFault('command_files', `they take ${bytes} bytes of the ${COMMAND_FILES_BYTES} that they may have`);
  }
  for (const [index, file] of commandFiles.entries()) {
    const kind = kindOf(file);
    const at = `command_files.${index}`;
    if (typeof kind === 'string') throw resetFault(at, `the command file ${file.name} ${kind}`);
    if (places.has(kind.name)) throw resetFault(at, `there are two command files ${kind.name}`);
    places.add(kind.name);
    if (kind.kind === 'program' && RESERVED_COMMANDS.some((name) => name === kind.name)) continue;
    const path = `${COMMANDS_DIRECTORY}/${kind.name}`;
    const mode = kind.kind === 'program' ? 0o755 : 0o644;
    files.push({ path, contents: Buffer.from(file.contents), mode, user: 'root' });
    if (kind.kind === 'source') sourced.push({ index, path });
    if (kind.kind === 'program') programs.push(kind.name);
  }
  return { files, sourced, programs };
}
