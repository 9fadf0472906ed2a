import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Git } from './git.js';
import { RepositoryError } from './repository-error.js';

/** Every task carries the whole of it. */
const MAX_FILES = 5000;
const MAX_TOTAL_BYTES = 64 * 2 ** 20;
/** Larger ones are data or weights, which a task on code does not need. */
const MAX_FILE_BYTES = 8 * 2 ** 20;
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';
/** Names that a workspace holds on every system, and that a pack does not take for clutter. */
const PORTABLE = /^[^\0-\x1f\x7f\\:*?"<>|]+$/;
const CLUTTER = /(?:^|\/)(?:__pycache__|\.git|\.DS_Store|\.ipynb_checkpoints)(?:\/|$)/;

/** Where the repository lies in the workspace of its tasks: apart from the files that every task has. */
export const REPOSITORY_DIRECTORY = 'repository';

export interface RepositoryFile {
  path: string;
  contents: Buffer;
  isExecutable: boolean;
  /** Null for a binary file. */
  text: string | null;
}

/** A path of the commit that tasks do not get. */
interface LeftOut {
  path: string;
  why: 'link' | 'submodule' | 'pointer of Git LFS' | 'larger than 8 MiB' | 'not in this clone' | 'name';
}

function textOf(contents: Buffer): string | null {
  if (contents.subarray(0, 8000).includes(0)) return null;
  const text = contents.toString('utf8');
  return text.includes('\ufffd') ? null : text;
}

/** A Git repository as it was at a commit; what its work tree holds does not count. */
export class Repository {
  private constructor(
    readonly place: string,
    readonly commit: string,
    readonly files: readonly RepositoryFile[],
    readonly leftOut: readonly LeftOut[],
  ) {}

  /**
   * Reads every file of the commit.
   * @param source place of the repository on this machine, and a commit, branch or tag of it
   * @throws RepositoryError when there is none, or more than a task can carry
   */
  static async open(source: { path: string; commit: string }): Promise<Repository> {
    const git = await Git.open(source.path);
    const commit = await git.commit(source.commit);
    const leftOut: LeftOut[] = [];
    const entries = (await git.tree(commit)).filter((entry) => {
      const leave = (why: LeftOut['why']): false => {
        leftOut.push({ path: entry.path, why });
        return false;
      };
      if (entry.mode === '120000') return leave('link');
      if (entry.mode === '160000') return leave('submodule');
      if (!PORTABLE.test(entry.path) || CLUTTER.test(entry.path)) return leave('name');
      if (entry.bytes === null) return leave('not in this clone');
      return entry.bytes > MAX_FILE_BYTES ? leave('larger than 8 MiB') : true;
    });
    const total = entries.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
    if (entries.length > MAX_FILES || total > MAX_TOTAL_BYTES) {
      const size = `${entries.length} files, ${Math.ceil(total / 2 ** 20)} MiB`;
      throw new RepositoryError(
        `${git.place} at ${commit} has ${size}; tasks can carry ${MAX_FILES} files and ${MAX_TOTAL_BYTES / 2 ** 20} MiB: take a smaller repository, or a commit with the part that matters`,
      );
    }
    const contents = await git.contents(entries.map(({ object }) => object));
    const files = entries.flatMap((entry, at): RepositoryFile[] => {
      const bytes = contents[at]!;
      if (bytes.length < 1024 && bytes.toString('latin1').startsWith(LFS_POINTER)) {
        leftOut.push({ path: entry.path, why: 'pointer of Git LFS' });
        return [];
      }
      return [{ path: entry.path, contents: bytes, isExecutable: entry.mode === '100755', text: textOf(bytes) }];
    });
    if (files.length === 0) throw new RepositoryError(`${git.place} at ${commit} holds no files`);
    return new Repository(git.place, commit, files, leftOut);
  }

  /** Name of the directory, without the ending of a bare repository. */
  get name(): string {
    return path.basename(this.place).replace(/\.git$/, '') || 'repository';
  }

  file(name: string): RepositoryFile | null {
    return this.files.find((file) => file.path === name) ?? null;
  }

  /** Writes the files below a directory that runs share, once for each commit. @returns where they lie */
  async extract(cacheDirectory: string): Promise<string> {
    const parent = path.join(cacheDirectory, 'repositories');
    const target = path.join(parent, this.commit);
    const isThere = (): Promise<boolean> =>
      access(target).then(
        () => true,
        () => false,
      );
    if (await isThere()) return target;
    await mkdir(parent, { recursive: true });
    const aside = await mkdtemp(path.join(parent, '.new-'));
    try {
      for (const file of this.files) {
        const place = path.join(aside, file.path);
        await mkdir(path.dirname(place), { recursive: true });
        await writeFile(place, file.contents, { mode: file.isExecutable ? 0o755 : 0o644 });
      }
      await rename(aside, target);
    } catch (error) {
      await rm(aside, { recursive: true, force: true });
      // Another process was faster.
      if (!(await isThere())) throw error;
    }
    return target;
  }
}
