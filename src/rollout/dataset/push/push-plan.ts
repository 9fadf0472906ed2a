import type { LocalDataset, LocalFile } from './local-dataset.js';
import { holds, type RemoteDataset } from './remote-dataset.js';

/** Most files of one commit that puts shards aside. */
const GROUP_FILES = 100;

/** What is left to do, as the Hub stands. */
export interface PushPlan {
  /** Shards that are in no commit yet. */
  missing: LocalFile[];
  /** Of them, those of the next commit beside the dataset; empty: the rest fits into the last commit. */
  aside: LocalFile[];
  /** Files that the last commit adds or replaces; empty: the dataset is there. */
  changed: LocalFile[];
}

/**
 * Large-file storage keeps contents once for all paths and branches of a repository, so what any commit has is not missing.
 * @param maxCommitBytes a dataset with more that is missing is put aside first, in commits of so many bytes
 */
export function planPush(local: LocalDataset, remote: RemoteDataset | null, maxCommitBytes: number): PushPlan {
  const trees = [remote?.target?.tree, remote?.staged?.tree];
  const stored = new Set(trees.flatMap((tree) => [...(tree?.values() ?? [])].map(({ sha256 }) => sha256)));
  const isThere = (file: LocalFile) => stored.has(file.sha256) || trees.some((tree) => holds(tree, file));
  const missing = local.shards.filter((file) => !isThere(file));
  const missingBytes = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  const isSmall = missingBytes <= maxCommitBytes && missing.length <= GROUP_FILES;
  const changed = [...local.shards, ...local.pages].filter((file) => !holds(remote?.target?.tree, file));
  return { missing, aside: isSmall ? [] : firstGroup(missing, maxCommitBytes), changed };
}

function firstGroup(files: readonly LocalFile[], maxBytes: number): LocalFile[] {
  let bytes = 0;
  const end = files.findIndex((file, index) => {
    bytes += file.bytes;
    return index === GROUP_FILES || (bytes > maxBytes && index > 0);
  });
  return end === -1 ? [...files] : files.slice(0, end);
}
