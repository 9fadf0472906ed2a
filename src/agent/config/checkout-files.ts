import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { AgentConfigError } from './config-fault.js';

/** Demonstrations are the largest: whole trajectories. */
const FILE_MAX_BYTES = 32 * 1024 * 1024;
/** Where a checkout ends: nothing above such a directory belongs to it. */
const ROOT_MARKS = ['.git', 'pyproject.toml', 'setup.py'];

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Files that a configuration names, by paths that start at the root of the checkout it lies in. */
export class CheckoutFiles {
  readonly #directories: string[];

  private constructor(directories: string[]) {
    this.#directories = directories;
  }

  /** @param file the configuration, an absolute path */
  static async around(file: string): Promise<CheckoutFiles> {
    const directories: string[] = [];
    for (let at = dirname(file); ; at = dirname(at)) {
      directories.push(at);
      const marks = await Promise.all(ROOT_MARKS.map((mark) => exists(join(at, mark))));
      if (marks.includes(true) || dirname(at) === at) break;
    }
    return new CheckoutFiles(directories);
  }

  /** Directories in which a relative path is looked for, nearest first. */
  get directories(): readonly string[] {
    return this.#directories;
  }

  /** @returns the absolute path, in the nearest directory above the configuration that has it; null: nowhere */
  async find(path: string): Promise<string | null> {
    if (isAbsolute(path)) return (await exists(path)) ? path : null;
    for (const directory of this.#directories) {
      const candidate = join(directory, path);
      if (await exists(candidate)) return candidate;
    }
    return null;
  }

  /** How a path is shown: relative to the root of the checkout where it lies in it. */
  show(path: string): string {
    const fromRoot = relative(this.#directories.at(-1) ?? '/', path);
    return fromRoot === '' || fromRoot.startsWith('..') || this.#directories.at(-1) === '/' ? path : fromRoot;
  }
}

/**
 * Reads a text file as Python does: UTF-8, every kind of line end becomes a newline.
 * @throws AgentConfigError when it cannot be read, is too large, or is no UTF-8
 */
export async function readTextFile(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > FILE_MAX_BYTES) {
      throw new AgentConfigError(`${path}: is ${size} bytes, more than the ${FILE_MAX_BYTES} that are read`);
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof AgentConfigError) throw error;
    throw new AgentConfigError(`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch {
    throw new AgentConfigError(`${path}: is no UTF-8 text`);
  }
}
