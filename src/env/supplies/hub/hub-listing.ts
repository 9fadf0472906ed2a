import { datasetInfo, type ListFileEntry, listFiles, modelInfo } from '@huggingface/hub';
import pRetry from 'p-retry';
import { glob } from '../../evaluation/glob.js';
import { HUB_REPO } from '../../task.js';
import { SupplyFault } from '../supply-fault.js';
import { boundedResponse } from './bounded-response.js';
import { type HubAccess, mayPass } from './hub-access.js';
import type { HubNeed } from './hub-need.js';

/** A file of a repository at a commit. */
export interface HubListedFile {
  path: string;
  bytes: number;
  /** Hash of its contents: `sha256` of the bytes, or `git` of the blob. */
  hash: { kind: 'sha256' | 'git'; hex: string };
}

/** What a repository holds, as far as a need takes it. */
export interface HubListing {
  /** Name that the Hub gives it. */
  repo: string;
  commit: string;
  files: HubListedFile[];
  bytes: number;
}

const TRIES = 5;
/** Each takes requests of its own, so that repositories of more are none to prepare. */
const MAX_FILES = 200_000;
const MAX_LIST_BYTES = 64 * 2 ** 20;
const LIST_MS = 120_000;
const COMMIT = /^[0-9a-f]{40}$/;

/** Weights of a model in the formats of other libraries than PyTorch. */
const OTHER_FORMATS = /(?:\.(?:h5|msgpack|ot|onnx|onnx_data|tflite|mlmodel|gguf)$)|(?:^|\/)(?:onnx|openvino|coreml)\//;
const PICKLED_WEIGHTS = /\.(?:bin|pt|pth|ckpt)$/;

/** Repeats what failed for a reason that passes. */
export function retried<T>(access: HubAccess, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return pRetry(work, {
    retries: TRIES - 1,
    minTimeout: access.retryMs,
    maxTimeout: 60_000,
    randomize: true,
    ...(signal && { signal }),
    shouldRetry: ({ error }) => !signal?.aborted && mayPass(error),
  });
}

/**
 * Asks which commit a revision means, and what it holds.
 * @throws HubApiError, TypeError for a network that fails, SupplyFault for what cannot be kept on a disk
 */
export async function listRepo(access: HubAccess, need: HubNeed, signal?: AbortSignal): Promise<HubListing> {
  const { type, repo: name, revision } = need;
  const own = {
    hubUrl: access.hubUrl,
    fetch: boundedFetch(access.fetch),
    ...(access.accessToken && { accessToken: access.accessToken }),
  };
  const info = await retried(
    access,
    () =>
      type === 'dataset'
        ? datasetInfo({ ...own, name, revision, additionalFields: ['sha'] })
        : modelInfo({ ...own, name, revision, additionalFields: ['sha'] }),
    signal,
  );
  const { sha: commit, name: repo } = info;
  if (!COMMIT.test(commit)) throw new SupplyFault(`${access.hubUrl} names no commit of ${name}: ${commit}`);
  // It becomes a name of directories, and a word of shell text.
  if (!HUB_REPO.test(repo)) {
    throw new SupplyFault(`${access.hubUrl} calls ${name} by a name that none can have: ${JSON.stringify(repo)}`);
  }
  const entries = await retried(
    access,
    () => collect(listFiles({ ...own, repo: { type, name: repo }, revision: commit, recursive: true })),
    signal,
  );
  const files = chosen(need, entries.filter((entry) => entry.type === 'file').map(listed));
  return { repo, commit, files, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    if (all.length >= MAX_FILES) throw new SupplyFault(`The repository holds more than ${MAX_FILES} files.`);
    all.push(item);
  }
  return all;
}

/** A list is no file: whatever is longer, or does not come to an end, is none. */
export function boundedFetch(fetchFrom: typeof fetch): typeof fetch {
  return async (input, init) => {
    const stop = AbortSignal.timeout(LIST_MS);
    const signal = init?.signal ? AbortSignal.any([init.signal, stop]) : stop;
    return boundedResponse(await fetchFrom(input, { ...init, signal }), MAX_LIST_BYTES, 'a list');
  };
}

function listed({ path, size, oid, lfs }: ListFileEntry): HubListedFile {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0')) {
    throw new SupplyFault(`The repository holds a file that cannot be kept: ${JSON.stringify(path)}`);
  }
  const bytes: unknown = lfs ? lfs.size : size;
  if (!Number.isSafeInteger(bytes) || (bytes as number) < 0) {
    throw new SupplyFault(`The repository holds a file of no size: ${JSON.stringify(path)}`);
  }
  return lfs
    ? { path, bytes: lfs.size, hash: { kind: 'sha256', hex: lfs.oid } }
    : { path, bytes: size, hash: { kind: 'git', hex: oid ?? '' } };
}

function chosen(need: HubNeed, files: HubListedFile[]): HubListedFile[] {
  const plain = files.filter(({ path }) => path !== '.gitattributes');
  if (need.files.length > 0) {
    const tests = [...need.files, 'README.md', '.huggingface.yaml'].map(glob);
    return plain.filter(({ path }) => tests.some((test) => test(path)));
  }
  if (need.type === 'dataset') return plain;
  const hasSafe = plain.some(({ path }) => path.endsWith('.safetensors'));
  return plain.filter(({ path }) => !OTHER_FORMATS.test(path) && !(hasSafe && PICKLED_WEIGHTS.test(path)));
}
