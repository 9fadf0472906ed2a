import { datasetInfo, downloadFile, HubApiError, listFiles } from '@huggingface/hub';
import { z } from 'zod';
import type { HubAccess } from '../../../hub/hub-access.js';
import type { LocalFile } from './local-dataset.js';

/** Files of a branch, by path: the hash that large-file storage or Git has of each. */
export type RemoteTree = ReadonlyMap<string, { sha256: string | null; blob: string | null }>;

/** What a branch of a repository holds. */
export interface RemoteBranch {
  head: string;
  tree: RemoteTree;
}

/** What the Hub has of a dataset. */
export interface RemoteDataset {
  isPrivate: boolean;
  /** Null: the branch is still to be made. */
  target: RemoteBranch | null;
  /** Shards that were put aside by a push that was not finished; null: none. */
  staged: RemoteBranch | null;
}

/** As little of an earlier manifest as is asked for, so that one of another version is understood as well. */
const Earlier = z.object({ files: z.array(z.object({ path: z.string() })) });

/** Asks what a repository holds. @returns null where there is none that the token may see @throws HubApiError */
export async function readRemoteDataset(
  access: HubAccess,
  { repo, branch, staging }: { repo: string; branch: string; staging: string },
): Promise<RemoteDataset | null> {
  const own = credentials(access);
  const info = await orNull(datasetInfo({ ...own, name: repo }));
  if (info === null) return null;
  const [target, staged] = [await readBranch(access, repo, branch), await readBranch(access, repo, staging)];
  return { isPrivate: info.private, target, staged };
}

/** What a branch or a commit holds; null where there is none. @throws HubApiError */
export async function readBranch(access: HubAccess, repo: string, revision: string): Promise<RemoteBranch | null> {
  const own = credentials(access);
  const info = await orNull(datasetInfo({ ...own, name: repo, revision, additionalFields: ['sha'] }));
  if (info === null) return null;
  const tree = new Map<string, { sha256: string | null; blob: string | null }>();
  const listed = listFiles({ ...own, repo: { type: 'dataset', name: repo }, revision: info.sha, recursive: true });
  for await (const { type, path, oid, lfs } of listed) {
    if (type === 'file') tree.set(path, { sha256: lfs?.oid ?? null, blob: oid ?? null });
  }
  return { head: info.sha, tree };
}

/** Whether a tree holds a file as it is here. */
export function holds(tree: RemoteTree | undefined, file: LocalFile): boolean {
  const found = tree?.get(file.path);
  return found !== undefined && (found.sha256 === null ? found.blob === file.blob : found.sha256 === file.sha256);
}

/** Files that the manifest of a commit names; null where it has none that can be read. */
export async function earlierFiles(access: HubAccess, repo: string, commit: string): Promise<string[] | null> {
  const text = await readText(access, repo, commit, 'manifest.json');
  try {
    return Earlier.parse(JSON.parse(text ?? '')).files.map(({ path }) => path);
  } catch {
    return null;
  }
}

/** A small file at a commit; null where it has none. */
export async function readText(
  access: HubAccess,
  repo: string,
  revision: string,
  path: string,
): Promise<string | null> {
  const own = credentials(access);
  const blob = await downloadFile({ ...own, repo: { type: 'dataset', name: repo }, revision, path, xet: false });
  return blob === null ? null : await blob.text();
}

/** What every call of the Hub's library takes. */
export function credentials({ hubUrl, accessToken, fetch }: HubAccess) {
  return { hubUrl, fetch, ...(accessToken !== undefined && { accessToken }) };
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof HubApiError && error.statusCode === 404) return null;
    throw error;
  }
}
