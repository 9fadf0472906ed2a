import type { Repository } from './repository.js';

/** A command that runs a program of a repository from its top directory. */
interface EntryPoint {
  /** What `baseline.py` has to name: the module, or the path of the script. */
  program: string;
  /** File that is run. */
  file: string;
}

/** @returns what a command such as `python -m package.tool --fast` or `python tools/run.py` runs; null for other commands */
export function readEntryPoint(command: string, repository: Pick<Repository, 'file'>): EntryPoint | null {
  const [, module, script] =
    /^python3? +(?:-[uBIW]+ +)*(?:-m +([A-Za-z_]\w*(?:\.\w+)*)|([\w./-]+\.py))(?: [^;&|<>`$\n]*)?$/.exec(
      command.trim(),
    ) ?? [];
  if (script !== undefined) {
    const file = script.replace(/^\.\//, '');
    return repository.file(file) ? { program: file, file } : null;
  }
  if (module === undefined) return null;
  const base = module.replaceAll('.', '/');
  const file = ['', 'src/']
    .flatMap((root) => [`${root}${base}/__main__.py`, `${root}${base}.py`])
    .find((path) => repository.file(path));
  return file ? { program: module, file } : null;
}

/** @returns what is wrong with a command that is to run the repository, for whoever wrote it; null when nothing is */
export function faultOfEntryPoint(command: string, repository: Repository): string | null {
  if (readEntryPoint(command, repository)) return null;
  return `${JSON.stringify(command)} runs nothing of the repository: write "python -m package.module" or "python path/to/script.py" with plain arguments, for a file that is there`;
}
