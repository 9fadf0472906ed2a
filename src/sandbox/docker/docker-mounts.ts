import { bindGroups, groupMounts } from '../mount-groups.js';
import type { ReadOnlyMount } from '../sandbox.js';
import type { DockerEngine } from './docker-engine.js';
import { ensureVolume } from './docker-volume.js';

/** A read-only mount as an engine makes it. */
export interface ContainerMount {
  /** Directory or file of the engine's machine, or name of a volume. */
  source: string;
  path: string;
  isVolume: boolean;
}

/** Mounts for an engine that sees the directories of this machine. @param directory for what must be made for them */
export async function bindMounts(mounts: readonly ReadOnlyMount[], directory: string): Promise<ContainerMount[]> {
  const bound = await bindGroups(mounts, directory);
  return bound.map(({ hostPath, path }) => ({ source: hostPath, path, isVolume: false }));
}

/** Mounts for an engine that does not: copies, as volumes. */
export async function volumeMounts(
  engine: DockerEngine,
  mounts: readonly ReadOnlyMount[],
  image: string,
): Promise<ContainerMount[]> {
  const groups = await groupMounts(mounts);
  return Promise.all(
    groups.map(async ({ root, parts }) => {
      return { source: await ensureVolume(engine, parts, image), path: root, isVolume: true };
    }),
  );
}
