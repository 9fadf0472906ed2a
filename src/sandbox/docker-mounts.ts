import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { DockerEngine } from './docker-engine.js';
import { ensureVolume, type VolumePart } from './docker-volume.js';
import { flattenMounts } from './flatten-mounts.js';
import { type ReadOnlyMount, WORKSPACE } from './sandbox.js';

/** A read-only mount as an engine makes it. */
export interface ContainerMount {
  /** Directory or file of the engine's machine, or name of a volume. */
  source: string;
  path: string;
  isVolume: boolean;
}

/** Mounts for an engine that sees the directories of this machine. */
export async function bindMounts(mounts: readonly ReadOnlyMount[]): Promise<ContainerMount[]> {
  return (await flattenMounts(mounts)).map(({ hostPath, path }) => ({ source: hostPath, path, isVolume: false }));
}

/**
 * Mounts for an engine that does not: copies as volumes. A volume cannot be mounted inside another or be a single file, so all
 * that shares the first directory below the workspace comes in one.
 */
export async function volumeMounts(
  engine: DockerEngine,
  mounts: readonly ReadOnlyMount[],
  image: string,
): Promise<ContainerMount[]> {
  const groups = new Map<string, VolumePart[]>();
  for (const mount of await flattenMounts(mounts)) {
    const root = await volumeRoot(mount);
    const part = { name: path.posix.relative(root, mount.path), hostPath: mount.hostPath };
    groups.set(root, [...(groups.get(root) ?? []), part]);
  }
  return Promise.all(
    [...groups].map(async ([root, parts]) => {
      return { source: await ensureVolume(engine, parts, image), path: root, isVolume: true };
    }),
  );
}

async function volumeRoot({ hostPath, path: target }: ReadOnlyMount): Promise<string> {
  const below = path.posix.relative(WORKSPACE, target);
  const [first] = below.split('/');
  if (!below.startsWith('..') && first !== below) return `${WORKSPACE}/${first}`;
  return (await stat(hostPath)).isDirectory() ? target : path.posix.dirname(target);
}
