import { execFile, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { RepositoryError } from './repository-error.js';

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 256 * 2 ** 20;

/** An entry of the tree of a commit, as `git ls-tree` tells it. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` a link, `160000` a submodule. */
  mode: string;
  object: string;
  /** Null where the object is not in this clone. */
  bytes: number | null;
  path: string;
}

/**
 * Asks Git about a repository: a checkout, whatever is changed or missing in its work tree, or a bare one. Only reads objects: no
 * filters, no replacements, no network where a clone is partial.
 */
export class Git {
  private constructor(
    readonly place: string,
    private readonly directory: string,
  ) {}

  /** @throws RepositoryError when there is no repository at that place, or no Git on this machine */
  static async open(place: string): Promise<Git> {
    const root = path.resolve(place);
    const inside = path.join(root, '.git');
    const isCheckout = await stat(inside).then(
      () => true,
      () => false,
    );
    const git = new Git(root, isCheckout ? inside : root);
    await git.text(['rev-parse', '--git-dir']).catch((error: Error) => {
      if ((error.cause as NodeJS.ErrnoException)?.code === 'ENOENT')
        throw new RepositoryError('git is not installed on this machine', { cause: error });
      throw new RepositoryError(`${root} is no Git repository: name its top directory, or a bare one`, {
        cause: error,
      });
    });
    return git;
  }

  /** @returns the full name of the commit that a branch, a tag or an abbreviation means; RepositoryError without one */
  async commit(name: string): Promise<string> {
    const found = await this.text(['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`]).catch(
      (error: Error) => {
        throw new RepositoryError(`${this.place} has no commit ${name}`, { cause: error });
      },
    );
    return found.trim();
  }

  async tree(commit: string): Promise<TreeEntry[]> {
    const output = await this.text(['ls-tree', '-r', '-l', '-z', '--full-tree', commit]).catch((error: Error) => {
      const why = /promisor/.test(error.message)
        ? 'is a partial clone without the files of that commit: clone it whole'
        : `cannot be read: ${error.message}`;
      throw new RepositoryError(`${this.place} ${why}`, { cause: error });
    });
    const lines = output.split('\0').filter(Boolean);
    return lines.map((line) => {
      const [, mode = '', object = '', bytes = '', name = ''] =
        /^(\d+) \w+ ([0-9a-f]+) +(\w+|-)\t([\s\S]*)$/.exec(line) ?? [];
      const missing = bytes === 'BAD' ? null : 0;
      return { mode, object, bytes: /^\d+$/.test(bytes) ? Number(bytes) : missing, path: name };
    });
  }

  /** @returns the contents of objects, in order; RepositoryError when one is not there */
  async contents(objects: readonly string[]): Promise<Buffer[]> {
    if (objects.length === 0) return [];
    const output = await this.batch(objects);
    const found: Buffer[] = [];
    let at = 0;
    for (const object of objects) {
      const end = output.indexOf(0x0a, at);
      const [, kind, size] = output.subarray(at, end).toString().split(' ');
      if (kind !== 'blob') throw new RepositoryError(`${this.place} lacks the object ${object}: fetch it first`);
      found.push(Buffer.from(output.subarray(end + 1, end + 1 + Number(size))));
      at = end + 1 + Number(size) + 1;
    }
    return found;
  }

  private options(): string[] {
    return [
      `--git-dir=${this.directory}`,
      '--no-replace-objects',
      '-c',
      'safe.directory=*',
      '-c',
      'protocol.allow=never',
    ];
  }

  private text(args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(
        'git',
        [...this.options(), ...args],
        { timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES },
        (error, stdout, stderr) => {
          if (error) reject(new Error(`git ${args[0]}: ${stderr.trim() || error.message}`, { cause: error }));
          else resolve(stdout);
        },
      );
    });
  }

  private batch(objects: readonly string[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const git = spawn('git', [...this.options(), 'cat-file', '--batch'], {
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: TIMEOUT_MS,
      });
      const parts: Buffer[] = [];
      git.stdout.on('data', (part: Buffer) => parts.push(part));
      git.on('error', reject);
      git.on('close', (status) => {
        if (status === 0) resolve(Buffer.concat(parts));
        else reject(new RepositoryError(`git cat-file ended with status ${status}`));
      });
      // A git that ends early is told by its status.
      git.stdin.on('error', () => {});
      git.stdin.end(`${objects.join('\n')}\n`);
    });
  }
}
