import { createHash } from 'node:crypto';
import { type HubCard, readCard } from './hub-card.js';
import type { HubTable } from './hub-table.js';

/** Kinds of repositories, in the words of the Hub's addresses. */
export type HubRepoType = 'dataset' | 'model';

/** A file of a repository at one commit. */
export interface HubFile {
  path: string;
  contents: Uint8Array;
  /** What the Hub tells; more than there is where a repository claims more. */
  size: number;
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
  /** Who grants access where it is gated. */
  gated?: 'auto' | 'manual';
  /** Taken down: neither told nor given. */
  isDisabled?: boolean;
  downloads?: number;
  likes?: number;
  /** What the dataset viewer has of it. */
  viewer?: HubViewerState;
  /** Rows and bytes are told as this many times what they are. */
  claimsTimes?: number;
}

/**
 * What the dataset viewer has: rows; nothing yet; nothing because the owner switched it off, because a script would have to be run, or
 * because there are no data files.
 */
type HubViewerState = 'rows' | 'pending' | 'disabled' | 'script' | 'empty';

/** A commit with all of its files, by path. */
export interface HubCommit {
  sha: string;
  at: string;
  title: string;
  files: ReadonlyMap<string, HubFile>;
}

/** Name of the branch that the Hub converts datasets to. */
export const CONVERTED = 'refs/convert/parquet';

/** Files of one commit, by path. `lfs`: paths that are kept in large-file storage. */
export interface HubCommitFacts {
  files: Readonly<Record<string, string | Uint8Array>>;
  lfs?: readonly string[];
  title?: string;
  /** Branch that it is added to; default `main`. */
  branch?: string;
}

const FIRST_COMMIT_MS = Date.UTC(2024, 0, 1);

function blobOid(contents: Uint8Array): string {
  return createHash('sha1').update(`blob ${contents.length}\0`).update(contents).digest('hex');
}

function fileOf(path: string, contents: Uint8Array, isLarge: boolean, times: number): HubFile {
  const size = contents.length * times;
  if (!isLarge) return { path, contents, size, oid: blobOid(contents), lfs: null };
  const oid = createHash('sha256').update(contents).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
  const lfs = { oid, size, pointerSize: pointer.length };
  return { path, contents, size, oid: blobOid(new TextEncoder().encode(pointer)), lfs };
}

/** A repository of the stand-in: commits of `main` in order, each with all of its files, those of other branches, large files. */
export class HubRepo {
  readonly commits: HubCommit[] = [];
  /** Commits of the other branches, in order. */
  readonly branches = new Map<string, HubCommit[]>();
  /** Large-file storage: contents by their SHA-256. */
  readonly objects = new Map<string, Uint8Array>();
  /** Rows as the viewer shows them. */
  readonly tables: HubTable[] = [];
  #converted: HubCommit | null = null;
  #card: HubCard | null = null;

  constructor(readonly facts: HubRepoFacts) {}

  /** What its card says at the last commit. */
  get card(): HubCard {
    const readme = this.commits.at(-1)?.files.get('README.md');
    this.#card ??= readCard(readme ? new TextDecoder().decode(readme.contents) : '');
    return this.#card;
  }

  /** Who may be granted access; false where everybody has it. */
  get gated(): 'auto' | 'manual' | false {
    return this.facts.gated ?? (this.facts.isGated ? 'auto' : false);
  }

  /** Adds a commit. @returns its hash */
  commit({ files, lfs = [], title = 'Update', branch = 'main' }: HubCommitFacts): string {
    const made = { ...this.#make(files, lfs, branch), title };
    this.#of(branch).push(made);
    if (branch === 'main') this.#card = null;
    return made.sha;
  }

  #of(branch: string): HubCommit[] {
    if (branch === 'main') return this.commits;
    const commits = this.branches.get(branch) ?? [];
    this.branches.set(branch, commits);
    return commits;
  }

  /** Names of the branches. */
  get heads(): string[] {
    return ['main', ...this.branches.keys()];
  }

  /** Sets what the branch of converted files holds, by path. */
  convert(files: Readonly<Record<string, Uint8Array>>): void {
    this.#converted = this.#make(files, Object.keys(files), CONVERTED);
  }

  /** The commit that a branch name, `HEAD` or a hash means; null when there is none. */
  at(revision: string): HubCommit | null {
    const branch = revision === 'HEAD' ? 'main' : revision.replace(/^refs\/heads\//, '');
    if (branch === 'main') return this.commits.at(-1) ?? null;
    const other = this.branches.get(branch);
    if (other) return other.at(-1) ?? null;
    if (revision === CONVERTED || revision === this.#converted?.sha) return this.#converted;
    return [this.commits, ...this.branches.values()].flat().find(({ sha }) => sha === revision) ?? null;
  }

  #make(given: HubCommitFacts['files'], lfs: readonly string[], branch: string): HubCommit {
    const { type, id, claimsTimes = 1 } = this.facts;
    const files = new Map<string, HubFile>();
    const isConverted = branch === CONVERTED;
    const before = isConverted ? [] : this.#of(branch);
    const place = isConverted || branch !== 'main' ? ` ${branch}` : '';
    const start = `${type} ${id}${place}${isConverted ? '' : ` ${before.length}`}\n`;
    const sum = createHash('sha1').update(start);
    for (const path of Object.keys(given).sort()) {
      const value = given[path] ?? '';
      const contents = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      const file = fileOf(path, contents, lfs.includes(path), path === 'README.md' ? 1 : claimsTimes);
      files.set(path, file);
      if (file.lfs) this.objects.set(file.lfs.oid, contents);
      sum.update(`${path} ${file.oid}\n`);
    }
    const at = new Date(FIRST_COMMIT_MS + this.commits.length * 86_400_000).toISOString();
    return { sha: sum.digest('hex'), at, files, title: 'Update' };
  }

  /** Whether an id means this repository, by its name or by one that is redirected. */
  isNamed(type: HubRepoType, id: string): 'yes' | 'redirect' | 'no' {
    if (type !== this.facts.type) return 'no';
    if (id === this.facts.id) return 'yes';
    return this.facts.aliases?.includes(id) ? 'redirect' : 'no';
  }
}
