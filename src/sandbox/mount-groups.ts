import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { flattenMounts } from './flatten-mounts.js';
import { type ReadOnlyMount, WORKSPACE } from './sandbox.js';

/** Mounts that share a directory, which must be read-only as a whole. */
export interface MountGroup {
  /** Where the directory appears. */
  root: string;
  /** What lies in it; the empty name is the directory itself. */
  parts: { name: string; hostPath: string }[];
}

/** Sorts mounts by the first directory below the workspace, or by the directory that they are or lie in. */
export async function groupMounts(mounts: readonly ReadOnlyMount[]): Promise<MountGroup[]> {
  const groups = new Map<string, MountGroup>();
  for (const mount of await flattenMounts(mounts)) {
    const root = await rootOf(mount);
    const group = groups.get(root) ?? { root, parts: [] };
    group.parts.push({ name: path.posix.relative(root, mount.path), hostPath: mount.hostPath });
    groups.set(root, group);
  }
  return [...groups.values()];
}

/**
 * Mounts for who binds host directories. Where a directory has several parts, an empty image of it is made and mounted first:
 * it has a place for every part, and nobody inside can rename it or add to it.
 * @param directory host directory for the images; whoever owns the sandbox removes it
 */
export async function bindGroups(mounts: readonly ReadOnlyMount[], directory: string): Promise<ReadOnlyMount[]> {
  const bound: ReadOnlyMount[] = [];
  for (const [index, { root, parts }] of (await groupMounts(mounts)).entries()) {
    const places = parts.map(({ name, hostPath }) => ({ hostPath, path: path.posix.join(root, name) }));
    if (!parts.some((part) => part.name !== '')) {
      bound.push(...places);
      continue;
    }
    const image = path.join(directory, String(index));
    await mkdir(image, { recursive: true, mode: 0o755 });
    for (const part of parts) await makePlace(path.join(image, part.name), part.hostPath);
    bound.push({ hostPath: image, path: root }, ...places);
  }
  return bound;
}

async function makePlace(place: string, hostPath: string): Promise<void> {
  if ((await stat(hostPath)).isDirectory()) {
    await mkdir(place, { recursive: true, mode: 0o755 });
    return;
  }
  await mkdir(path.dirname(place), { recursive: true, mode: 0o755 });
  await writeFile(place, '', { mode: 0o444 });
}

async function rootOf({ hostPath, path: target }: ReadOnlyMount): Promise<string> {
  const below = path.posix.relative(WORKSPACE, target);
  const [first] = below.split('/');
  if (!below.startsWith('..') && first !== below) return `${WORKSPACE}/${first}`;
  const isDirectory = (await stat(hostPath)).isDirectory();
  // A file right in the workspace, or in a directory that is there, is mounted by itself.
  return isDirectory || path.posix.dirname(target) === WORKSPACE ? target : path.posix.dirname(target);
}
