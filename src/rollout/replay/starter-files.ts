import path from 'node:path/posix';
import { shellQuote } from '../../python/python-quote.js';
import { commandClass } from './command-class.js';
import { WORKSPACE } from './known-files.js';
import type { RecordedStep } from './recording.js';
import { shellCommands } from './shell-commands.js';
import { type ShownFile, shownFile } from './shown-file.js';

/** A starter file as the recording found it. */
export interface StarterFile extends ShownFile {
  /** Whether an edit could write it; null when none was tried. */
  isWritable: boolean | null;
}

const READERS =
  /^(?:python3?|torchrun|accelerate|cat|head|tail|ls|ll|la|l|wc|grep|diff|cmp|file|find|open|search_file|search_dir|find_file)$/;

/**
 * Finds starter files that the recording shows whole before anything could change them. Recordings were made from other states of a
 * checkout: a licence header more or less moves every line.
 * @param starterFiles of the task, relative to the workspace
 */
export function recordedStarterFiles(steps: readonly RecordedStep[], starterFiles: readonly string[]): StarterFile[] {
  const wanted = new Map(starterFiles.map((file) => [path.join(WORKSPACE, file), null as StarterFile | null]));
  const touched = new Set<string>();
  for (const step of steps) {
    const shown = step.observation.includes('\nFile updated.') ? null : shownFile(step.observation);
    if (shown && wanted.get(shown.file) === null && !touched.has(shown.file)) {
      wanted.set(shown.file, { ...shown, isWritable: null });
    }
    const found = step.openFile === null ? null : wanted.get(step.openFile);
    if (found && found.isWritable === null && commandClass(step) === 'edit') found.isWritable = couldWrite(step);
    for (const file of wanted.keys()) if (touches(step, file)) touched.add(file);
  }
  return [...wanted.values()].filter((file) => file !== null);
}

function couldWrite({ action, observation }: RecordedStep): boolean | null {
  if (!/^\s*(?:edit|insert)\b/.test(action)) return null;
  if (/Permission denied|You cannot edit read-only file/.test(observation)) return false;
  return /\nFile updated\.|^Your proposed/.test(observation) ? true : null;
}

function touches({ action, openFile, observation }: RecordedStep, file: string): boolean {
  if (openFile === file && observation.includes('\nFile updated.')) return true;
  const name = path.basename(file);
  return shellCommands(action).some(
    ({ words: [command = '', ...rest], writes }) =>
      writes.some((target) => path.basename(target) === name) ||
      (!READERS.test(command) && rest.some((word) => path.basename(word) === name)),
  );
}

/**
 * @returns shell text that puts files in place as they were shown, prints `put {file}` for each that was different, and keeps modes; a file
 *   that could be written is the agent's own afterwards
 */
export function putFilesScript(files: readonly (ShownFile & Partial<StarterFile>)[]): string {
  const lines = files.map(({ file, contents, isWritable }) => {
    const data = `echo ${Buffer.from(contents).toString('base64')} | base64 -d`;
    const replace = `m=$(stat -c %a "$f" 2>/dev/null || echo 644); rm -f "$f"; cat "$f.replay" > "$f"; chmod "$m" "$f"`;
    const write = isWritable ? ' || [ ! -w "$f" ]' : '';
    const open = isWritable ? '; chmod u+w "$f"' : '';
    // A last line without its newline looks the same.
    const same = 'cmp -s "$f.replay" "$f" || head -c -1 "$f.replay" | cmp -s - "$f"';
    return `f=${shellQuote(file)}; mkdir -p "\${f%/*}"; ${data} > "$f.replay"; if ! { ${same}; }${write}; then ${replace}${open}; echo "put $f"; fi; rm -f "$f.replay"`;
  });
  return [...lines, 'unset f m'].join('\n');
}
