import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ReadOnlyMount } from './sandbox.js';

/**
 * Replaces a mounted directory by its entries where another mount lies inside it: a place to mount cannot be made inside what
 * is mounted read-only. Later mounts hide entries of the same name.
 */
export async function flattenMounts(mounts: readonly ReadOnlyMount[]): Promise<ReadOnlyMount[]> {
  const flat: ReadOnlyMount[] = [];
  for (const mount of mounts) {
    const inner = mounts.filter((other) => other !== mount && isInside(other.path, mount.path));
    if (
      mounts.some(
        (other) => other !== mount && other.path === mount.path && mounts.indexOf(other) > mounts.indexOf(mount),
      )
    ) {
      continue;
    }
    if (inner.length === 0) {
      flat.push(mount);
      continue;
    }
    const entries = await readdir(mount.hostPath);
    const parts = entries.map((name) => ({
      hostPath: path.join(mount.hostPath, name),
      path: path.posix.join(mount.path, name),
    }));
    const kept = await flattenMounts([...parts, ...inner]);
    flat.push(...kept.filter((part) => !inner.includes(part)));
  }
  return flat;
}

function isInside(inner: string, outer: string): boolean {
  return inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
}
