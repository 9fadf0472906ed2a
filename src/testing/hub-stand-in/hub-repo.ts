import { createHash } from 'node:crypto';

/** Kinds of repositories, in the words of the Hub's addresses. */
export type HubRepoType = 'dataset' | 'model';

/** A file of a repository at one commit. */
export interface HubFile {
  path: string;
  contents: Uint8Array;
  /** Git's name of the blob: of the pointer where the contents lie in large-file storage. */
  oid: string;
  /** Name and size in large-file storage; null for a file that Git holds itself. */
  lfs: { oid: string; size: number; pointerSize: number } | null;
}

/** What a repository is made from. */
export interface HubRepoFacts {
  type: HubRepoType;
  /** `owner/name`, or a name alone for the oldest repositories. */
  id: string;
  /** Names that the Hub redirects to this one. */
  aliases?: readonly string[];
  /** Without a token it is as if it were not there. */
  isPrivate?: boolean;
  /** With a token or without, its files are kept back until access was asked for. */
  isGated?: boolean;
}

/** Files of one commit, by path. `lfs`: paths that are kept in large-file storage. */
export interface HubCommitFacts {
  files: Readonly<Record<string, string | Uint8Array>>;
  lfs?: readonly string[];
}

const FIRST_COMMIT_MS = Date.UTC(2024, 0, 1);

function blobOid(contents: Uint8Array): string {
  return createHash('sha1').update(`blob ${contents.length}\0`).update(contents).digest('hex');
}

function fileOf(path: string, contents: Uint8Array, isLarge: boolean): HubFile {
  if (!isLarge) return { path, contents, oid: blobOid(contents), lfs: null };
  const oid = createHash('sha256').update(contents).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${contents.length}\n`;
  const lfs = { oid, size: contents.length, pointerSize: pointer.length };
  return { path, contents, oid: blobOid(new TextEncoder().encode(pointer)), lfs };
}

/** A repository of the stand-in: commits in order, each with all of its files; `main` is the last one. */
export class HubRepo {
  readonly commits: { sha: string; at: string; files: ReadonlyMap<string, HubFile> }[] = [];

  constructor(readonly facts: HubRepoFacts) {}

  /** Adds a commit. @returns its hash */
  commit({ files, lfs = [] }: HubCommitFacts): string {
    const made = new Map<string, HubFile>();
    const sum = createHash('sha1').update(`${this.facts.type} ${this.facts.id} ${this.commits.length}\n`);
    for (const path of Object.keys(files).sort()) {
      const given = files[path] ?? '';
      const contents = typeof given === 'string' ? new TextEncoder().encode(given) : given;
      const file = fileOf(path, contents, lfs.includes(path));
      made.set(path, file);
      sum.update(`${path} ${file.oid}\n`);
    }
    const sha = sum.digest('hex');
    const at = new Date(FIRST_COMMIT_MS + this.commits.length * 86_400_000).toISOString();
    this.commits.push({ sha, at, files: made });
    return sha;
  }

  /** The commit that a branch name, `HEAD` or a hash means; null when there is none. */
  at(revision: string): HubRepo['commits'][number] | null {
    if (revision === 'main' || revision === 'HEAD' || revision === 'refs/heads/main')
      return this.commits.at(-1) ?? null;
    return this.commits.find(({ sha }) => sha === revision) ?? null;
  }

  /** Whether an id means this repository, by its name or by one that is redirected. */
  isNamed(type: HubRepoType, id: string): 'yes' | 'redirect' | 'no' {
    if (type !== this.facts.type) return 'no';
    if (id === this.facts.id) return 'yes';
    return this.facts.aliases?.includes(id) ? 'redirect' : 'no';
  }
}
