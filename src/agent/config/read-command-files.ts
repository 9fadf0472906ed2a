import { basename } from 'node:path';
import type { AgentConfig } from './agent-config.js';
import { portableProgram } from './carried-program.js';
import type { CheckoutFiles } from './checkout-files.js';
import { type CommandFileText, programName, readCommandFile } from './command-file.js';
import type { ConfigSection } from './config-section.js';
import { VIEWER_COMMANDS } from './native-commands.js';
import { readNamed } from './read-demonstrations.js';
import { selectCommandFiles } from './select-command-files.js';

/** Bounds of what a reset takes. */
const NAME = /^[\w.-]{1,128}$/;
const FILE_MAX_BYTES = 256 * 1024;
const FILES_MAX = 64;

/** Reads the files of `command_files`, in their order. */
export async function readCommandFiles(section: ConfigSection, files: CheckoutFiles): Promise<CommandFileText[]> {
  const read: CommandFileText[] = [];
  for (const [index, path] of section.texts('command_files').entries()) {
    const contents = await readNamed(section, ['command_files', index], path, files);
    if (contents === null) continue;
    const found = (await files.find(path)) ?? path;
    read.push(readCommandFile(path, contents, files.show(found), section.source.faults));
  }
  return read;
}

/** The files that sandboxes get, and whether the viewer among them takes the place of theirs. */
export function installedFiles(
  section: ConfigSection,
  read: readonly CommandFileText[],
): { commandFiles: AgentConfig['commandFiles']; hasOwnViewer: boolean } {
  const { shipped, viewer } = selectCommandFiles(read);
  const commandFiles = shipped.map(({ path, contents }) => ({
    name: basename(path),
    contents: portableProgram(contents),
  }));
  if (viewer) {
    const names = viewer.commands.map(({ name }) => name).filter((name) => VIEWER_COMMANDS.has(name));
    const what = names.length > 0 ? `has ${names.join(', ')} of its own` : 'changes how the viewer works';
    const problem = `${viewer.path} ${what}, so all command files run in the shell instead of the commands of the sandbox`;
    section.warning(
      ['command_files', read.indexOf(viewer)],
      problem,
      'use the file of MLGym or SWE-agent for commands that answer at once',
    );
  }
  checkInstalled(section, commandFiles);
  return { commandFiles, hasOwnViewer: viewer !== null };
}

/** Reports files that no server would take. @param key field that names them */
export function checkInstalled(
  section: ConfigSection,
  commandFiles: AgentConfig['commandFiles'],
  key = 'command_files',
): void {
  const seen = new Set<string>();
  for (const { name, contents } of commandFiles) {
    const fault = (problem: string, remedy: string) => section.error(key, `${name} ${problem}`, remedy);
    if (!NAME.test(name)) fault('is no name for a command', 'use letters, digits, "_", "-" and "."');
    if (contents.length > FILE_MAX_BYTES)
      fault(`is larger than ${FILE_MAX_BYTES} bytes`, 'put data into files of the task');
    const command = contents.trimStart().startsWith('#!') ? programName(name) : name;
    if (seen.has(command)) fault('is there twice', 'rename one of the files');
    seen.add(command);
  }
  if (commandFiles.length > FILES_MAX) {
    section.error(key, `are ${commandFiles.length} files, more than ${FILES_MAX}`, 'join some of them');
  }
}
