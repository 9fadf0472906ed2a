import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TaskFile } from '../task.js';

/** More files than this in one task are a data set that wants an archive. */
const MAX_TASK_FILES = 100_000;

/** Made by interpreters and desktops, not by authors. */
const CLUTTER = new Set(['__pycache__', '.DS_Store', '.git', '.ipynb_checkpoints']);

/** Why a path of a pack cannot be used. */
export class PathFault extends Error {
  override readonly name = 'PathFault';

  constructor(
    readonly kind: 'missing' | 'escapes' | 'special' | 'too_many',
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

function isInside(root: string, target: string): boolean {
  return target === root || target.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}

/**
 * Finds a path of a pack on the host and makes sure that it stays in the pack, links included.
 * @param root real path of the pack
 * @param base directory below the pack that `relative` starts from
 * @throws PathFault `missing` or `escapes`
 */
export async function insidePack(root: string, relative: string, base = '.'): Promise<string> {
  const target = path.resolve(root, base, relative);
  const remedy = 'name something below the pack directory, by a relative path';
  if (path.isAbsolute(relative) || !isInside(root, target))
    throw new PathFault('escapes', `${relative} leads out of the pack`, remedy);
  const real = await realpath(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ELOOP')
      throw new PathFault('special', `${relative} is a link to itself`, 'replace the link by the file');
    throw new PathFault(
      'missing',
      `there is no ${path.relative(root, target)} in the pack`,
      'add it or correct the path',
    );
  });
  if (!isInside(root, real)) {
    throw new PathFault(
      'escapes',
      `${relative} is a link that leads out of the pack`,
      'replace the link by what it points to',
    );
  }
  return real;
}

/** Modes as Git keeps them, so that a checkout with another umask is the same task. */
function normalMode(mode: number): number {
  return (mode & 0o100) === 0 ? 0o644 : 0o755;
}

/**
 * Lists a file, or every file below a directory, in the order of their paths. Links are followed inside the pack.
 * @param root real path of the pack
 * @param hostPath a real path inside it
 * @param workspacePath where it lands in the workspace; empty for the workspace itself
 * @throws PathFault for links that lead out, devices and sockets, too many files
 */
export async function listFiles(root: string, hostPath: string, workspacePath: string): Promise<TaskFile[]> {
  const found: TaskFile[] = [];
  const visit = async (host: string, at: string, above: readonly string[]): Promise<void> => {
    const entry = await lstat(host);
    const real = entry.isSymbolicLink() ? await insidePack(root, path.relative(root, host)) : host;
    const stats = entry.isSymbolicLink() ? await stat(real) : entry;
    if (stats.isDirectory()) {
      if (above.includes(real))
        throw new PathFault('special', `${at} is a link to a directory around it`, 'remove the link');
      const names = (await readdir(real)).filter((name) => !CLUTTER.has(name)).sort();
      for (const name of names)
        await visit(path.join(real, name), at === '' ? name : `${at}/${name}`, [...above, real]);
    } else if (stats.isFile()) {
      if (found.length >= MAX_TASK_FILES) {
        throw new PathFault(
          'too_many',
          `${workspacePath} holds more than ${MAX_TASK_FILES} files`,
          'pack them into an archive',
        );
      }
      found.push({ path: at, hostPath: real, mode: normalMode(stats.mode), sizeBytes: stats.size });
    } else {
      throw new PathFault('special', `${at} is neither a file nor a directory`, 'remove it');
    }
  };
  await visit(hostPath, workspacePath, []);
  return found;
}
