import { readEntryPoint } from './entry-point.js';
import type { Repository } from './repository.js';

const FILE_CHARACTERS = 24_000;
const ALL_CHARACTERS = 80_000;

/** A file as a prompt shows it. */
interface ShownFile {
  path: string;
  text: string;
  /** Whether its end is left out. */
  is_cut: boolean;
}

/**
 * Chooses what a teacher sees of a repository: the files that matter most, the file that is run, then those that these import, as far
 * as there is room.
 */
export function shownFiles(repository: Repository, files: readonly string[], entryPoint: string | null): ShownFile[] {
  const run = entryPoint === null ? null : readEntryPoint(entryPoint, repository);
  const queue = [...new Set([...files, ...(run ? [run.file] : [])])];
  const shown: ShownFile[] = [];
  let left = ALL_CHARACTERS;
  for (let at = 0; at < queue.length && left > 0; at += 1) {
    const file = repository.file(queue[at]!);
    if (!file?.text) continue;
    const text = file.text.slice(0, Math.min(FILE_CHARACTERS, left));
    left -= text.length;
    shown.push({ path: file.path, text, is_cut: text.length < file.text.length });
    for (const imported of importedFiles(file.path, file.text, repository)) {
      if (!queue.includes(imported)) queue.push(imported);
    }
  }
  return shown;
}

function importedFiles(from: string, text: string, repository: Repository): string[] {
  const folder = from.split('/').slice(0, -1);
  const found: string[] = [];
  const consider = (parts: readonly string[]): void => {
    const base = parts.join('/');
    const file = [`${base}.py`, `${base}/__init__.py`].find((path) => repository.file(path));
    if (file) found.push(file);
  };
  for (const [, dots = '', module = '', names = ''] of text.matchAll(
    /^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+\(?([\w, \t]*)/gm,
  )) {
    const parts = module.split('.').filter(Boolean);
    const roots = dots === '' ? [[], ['src'], folder] : [folder.slice(0, folder.length - (dots.length - 1))];
    for (const root of roots) {
      if (parts.length > 0) consider([...root, ...parts]);
      for (const name of names.split(',')) if (name.trim()) consider([...root, ...parts, name.trim().split(/\s/)[0]!]);
    }
  }
  for (const [, module = ''] of text.matchAll(/^[ \t]*import[ \t]+([\w.]+)/gm))
    for (const root of [[], ['src'], folder]) consider([...root, ...module.split('.')]);
  return found;
}
