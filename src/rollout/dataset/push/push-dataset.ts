import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  type CommitOperation,
  commit,
  createBranch,
  createRepo,
  deleteBranch,
  HubApiError,
  whoAmI,
} from '@huggingface/hub';
import type { HubAccess } from '../../../hub/hub-access.js';
import { patientFetch } from '../../../hub/patient-fetch.js';
import { RunError } from '../../../run/run-error.js';
import { type LocalDataset, type LocalFile, readLocalDataset } from './local-dataset.js';
import { mayGoOn, pushFault } from './push-fault.js';
import { type PushPlan, planPush } from './push-plan.js';
import {
  credentials,
  earlierFiles,
  holds,
  type RemoteBranch,
  type RemoteDataset,
  readBranch,
  readRemoteDataset,
  readText,
} from './remote-dataset.js';

/** Told how a push goes. */
export interface PushListener {
  onPart(text: string): void;
  onNote(text: string): void;
  onBytes(doneBytes: number, totalBytes: number): void;
}

export interface PushJob {
  directory: string;
  /** `owner/name` */
  repo: string;
  /** A repository that everybody may read is wanted; a private one stays as it is. */
  isPublic: boolean;
  branch: string;
  message: string;
  /** Shards of more bytes are put aside first, in commits of so many. */
  maxCommitBytes: number;
  /** Takes the place of a card that is not Gymsmith's. */
  overwrite: boolean;
  /** Looks and compares, and changes nothing. */
  isDryRun: boolean;
  access: HubAccess;
  listener: PushListener;
  signal?: AbortSignal;
}

/** What a push came to. */
export interface PushReport {
  repo: string;
  url: string;
  branch: string;
  /** Commit that holds the dataset; null after a dry run for a dataset that is not there yet. */
  commit: string | null;
  visibility: 'private' | 'public';
  files: number;
  bytes: number;
  /** Of shards, by this push; or what a dry run says it would send. */
  sent_bytes: number;
  commits: number;
  /** Files of an earlier dataset that were taken away. */
  deleted: string[];
}

const TRIES = 8;
const MOST_PAUSE_MS = 60_000;
const ATTRIBUTES = '.gitattributes';
const TOKEN_REMEDY = 'Make a token that may write (its page is /settings/tokens of the Hub) and put it into HF_TOKEN.';

/**
 * Brings a dataset to the Hub. Shards of a large one are put aside first, in commits to a branch of their own, which is named after the
 * manifest; the last commit, to `branch`, brings every file and takes away those of an earlier dataset. So whoever reads `branch` sees the
 * dataset before or the new one, whole, and never a mixture; and what was put aside, or taken by the storage, is not sent again after a
 * push that was killed, as long as the Hub keeps it (commits for good, files without a commit for about a day).
 * @throws RunError that says what a person can do; the signal's reason
 */
export async function pushDataset(job: PushJob): Promise<PushReport> {
  const { listener, signal, repo } = job;
  givenToken(job.access);
  listener.onPart('compare the files with the manifest');
  const local = await readLocalDataset(job.directory, (done, total) => {
    signal?.throwIfAborted();
    listener.onBytes(done, total);
  });
  const push = new Push(job, local);
  try {
    return await push.run();
  } catch (error) {
    signal?.throwIfAborted();
    throw pushFault(error, repo, job.access);
  }
}

/** @throws RunError where there is none */
function givenToken({ accessToken }: HubAccess): string {
  if (accessToken !== undefined) return accessToken;
  throw new RunError('HF_TOKEN is not set: nobody may write to the Hub without.', TOKEN_REMEDY);
}

class Push {
  readonly #access: HubAccess;
  readonly #staging: string;
  #sentBytes = 0;
  #shownBytes = 0;
  #totalBytes = 0;
  #commits = 0;
  #deleted: string[] = [];
  #part = '';
  #earlier: { head: string; files: string[] | null } | null = null;

  constructor(
    private readonly job: PushJob,
    private readonly local: LocalDataset,
  ) {
    const [manifest] = local.pages as [LocalFile, ...LocalFile[]];
    const name = createHash('sha256').update(`${job.branch}\n${manifest.sha256}`).digest('hex').slice(0, 12);
    this.#staging = `gymsmith-push-${name}`;
    const { access, signal, listener } = job;
    const onSent = (bytes: number) => {
      this.#sentBytes += bytes;
      this.#shownBytes += bytes;
      listener.onBytes(Math.min(this.#shownBytes, this.#totalBytes), this.#totalBytes);
    };
    const onWait = (reason: string, ms: number) => {
      listener.onNote(`${reason}, goes on in ${Math.ceil(ms / 1000)} s`);
    };
    this.#access = { ...access, fetch: patientFetch(access, { signal, onSent, onWait }) };
  }

  async run(): Promise<PushReport> {
    await this.#checkToken();
    for (let failures = 0; ; ) {
      try {
        const remote = await this.#look();
        const plan = planPush(this.local, remote, this.job.maxCommitBytes);
        const isDone = remote?.target != null && plan.changed.length === 0;
        if (isDone || this.job.isDryRun) return await this.#end(remote, plan, isDone);
        const target = await this.#step(remote, plan);
        if (remote && target) return await this.#end({ ...remote, target }, plan, true);
        failures = 0;
      } catch (error) {
        this.job.signal?.throwIfAborted();
        if (!mayGoOn(error, this.#access) || ++failures >= TRIES) throw error;
        const pauseMs = Math.min(MOST_PAUSE_MS, this.#access.retryMs * 2 ** (failures - 1));
        await sleep(pauseMs, undefined, { ...(this.job.signal && { signal: this.job.signal }) });
      }
    }
  }

  async #checkToken(): Promise<void> {
    const { hubUrl, fetch } = this.#access;
    const { auth } = await whoAmI({ accessToken: givenToken(this.#access), hubUrl, fetch });
    if (auth.accessToken?.role === 'read') throw new RunError('HF_TOKEN may only read.', TOKEN_REMEDY);
  }

  async #look(): Promise<RemoteDataset | null> {
    const { repo, branch, isPublic } = this.job;
    const remote = await readRemoteDataset(this.#access, { repo, branch, staging: this.#staging });
    if (remote && !remote.isPrivate && !isPublic) {
      throw new RunError(
        `${repo} is public: everybody could read this dataset.`,
        'Say so with --public, or push it to another --repo.',
      );
    }
    return remote;
  }

  /** Does the next thing that is left to do. @returns what the last commit made of the branch; null before it */
  async #step(remote: RemoteDataset | null, plan: PushPlan): Promise<RemoteBranch | null> {
    const { repo: name, branch, isPublic } = this.job;
    const own = { ...credentials(this.#access), repo: { type: 'dataset', name } as const };
    if (remote === null) {
      const accessToken = this.#access.accessToken ?? '';
      await createRepo({ ...own, accessToken, visibility: isPublic ? 'public' : 'private' });
      return null;
    }
    if (remote.target === null) {
      await createBranch({ ...own, branch });
      return null;
    }
    const leftovers = await this.#leftovers(remote.target);
    if (plan.aside.length > 0 && remote.staged === null) {
      await createBranch({ ...own, branch: this.#staging, revision: remote.target.head });
      return null;
    }
    const isLast = plan.aside.length === 0;
    const files = isLast ? plan.changed : plan.aside;
    const deleted = isLast ? leftovers : [];
    const [to, at] = isLast ? [branch, remote.target] : [this.#staging, remote.staged ?? remote.target];
    const left = plan.missing.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#begin(isLast ? 'the last commit' : 'shards', left);
    const attributes = await this.#attributes(remote.target.head);
    const operations: CommitOperation[] = [
      { operation: 'addOrUpdate', path: ATTRIBUTES, content: new Blob([attributes]) },
      ...files.map((file) => this.#add(file)),
      ...deleted.map((path) => ({ operation: 'delete' as const, path })),
    ];
    const title = isLast ? this.job.message : `${this.job.message} (shards)`;
    const { signal: abortSignal } = this.job;
    const stop = abortSignal && { abortSignal };
    const made = await commit({ ...own, branch: to, parentCommit: at.head, title, operations, useXet: false, ...stop });
    this.#commits++;
    const held = await readBranch(this.#access, name, made?.commit.oid ?? to);
    if (files.some((file) => !holds(held?.tree, file))) throw changed(this.job.directory);
    if (!isLast) return null;
    this.#deleted = deleted;
    return held;
  }

  /** Progress counts what is left of this dataset, whatever was sent for nothing before. */
  #begin(part: string, leftBytes: number): void {
    this.#totalBytes = Math.max(this.#totalBytes, leftBytes);
    this.#shownBytes = this.#totalBytes - leftBytes;
    if (part !== this.#part) this.job.listener.onPart(`send ${part}`);
    this.#part = part;
    this.job.listener.onBytes(this.#shownBytes, this.#totalBytes);
  }

  #add({ path: name }: LocalFile): CommitOperation {
    return { operation: 'addOrUpdate', path: name, content: pathToFileURL(path.join(this.local.directory, name)) };
  }

  /** Shards are large files whatever their size, so that they are sent once and not again with every commit. */
  async #attributes(commit: string): Promise<string> {
    const given = (await readText(this.#access, this.job.repo, commit, ATTRIBUTES)) ?? '';
    const endings = new Set(this.local.shards.map((file) => path.posix.extname(file.path)));
    const lines = [...endings].map((ending) => `*${ending} filter=lfs diff=lfs merge=lfs -text`);
    const missing = lines.filter((line) => !given.split('\n').includes(line));
    const start = given === '' || given.endsWith('\n') ? given : `${given}\n`;
    return start + missing.map((line) => `${line}\n`).join('');
  }

  /**
   * Files of an earlier dataset that this one has not.
   * @throws RunError where the card is of somebody else
   */
  async #leftovers({ head, tree }: RemoteBranch): Promise<string[]> {
    const { repo, branch, overwrite } = this.job;
    if (this.#earlier?.head !== head) {
      this.#earlier = { head, files: await earlierFiles(this.#access, repo, head) };
    }
    const { files } = this.#earlier;
    if (files === null && tree.has('README.md') && !overwrite) {
      throw new RunError(
        `${repo} holds something else on ${branch}: it has a card, and no manifest of a dataset of Gymsmith.`,
        'Push to another --repo or --branch, or replace its card with --overwrite.',
      );
    }
    const now = new Set([...this.local.shards, ...this.local.pages].map((file) => file.path));
    return [...new Set(files ?? [])].filter((name) => tree.has(name) && !now.has(name));
  }

  async #end(remote: RemoteDataset | null, { missing }: PushPlan, isDone: boolean): Promise<PushReport> {
    const { repo, branch, isPublic, isDryRun } = this.job;
    const head = remote?.target?.head ?? null;
    if (isDryRun && !isDone && remote?.target) this.#deleted = await this.#leftovers(remote.target);
    if (!isDryRun && remote?.staged) {
      const own = { ...credentials(this.#access), repo: { type: 'dataset', name: repo } as const };
      await deleteBranch({ ...own, branch: this.#staging }).catch((error: unknown) => {
        // An answer that was lost: it is gone.
        if (!(error instanceof HubApiError) || error.statusCode !== 404) throw error;
      });
    }
    return {
      repo,
      url: `${this.#access.hubUrl}/datasets/${repo}${branch === 'main' ? '' : `/tree/${encodeURIComponent(branch)}`}`,
      branch,
      commit: isDone ? head : null,
      visibility: (remote?.isPrivate ?? !isPublic) ? 'private' : 'public',
      files: this.local.shards.length + this.local.pages.length,
      bytes: this.local.bytes,
      sent_bytes: isDryRun ? missing.reduce((sum, { bytes }) => sum + bytes, 0) : this.#sentBytes,
      commits: this.#commits,
      deleted: this.#deleted,
    };
  }
}

function changed(directory: string): RunError {
  const what = `What the Hub took is not what ${directory} held when it was compared with its manifest.`;
  return new RunError(what, 'Leave the files alone while they are sent, and push again.');
}
