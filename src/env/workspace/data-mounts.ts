import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { RpcError } from '../../protocol/index.js';
import { type ReadOnlyMount, WORKSPACE } from '../../sandbox/sandbox.js';
import { insidePack, PathFault } from '../packs/pack-paths.js';
import type { Task } from '../task.js';

/** Where a local dataset lies in the workspace: the first at `data`, others inside it. `index` counts local datasets. */
export function datasetPlace(index: number, dataPath: string): string {
  return index === 0 ? 'data' : `data/${path.basename(dataPath)}`;
}

/**
 * What to mount so that the sandbox sees the datasets of a task below its workspace. The agent's view leaves hidden files out: of a
 * directory that holds one, the other entries are mounted one by one. Links inside the pack are mounted as what they point to.
 * @throws RpcError `task_broken` when a dataset is not there or links out of the pack
 */
export async function dataMounts(task: Task, audience: 'agent' | 'evaluator'): Promise<ReadOnlyMount[]> {
  const hidden = audience === 'agent' ? task.hiddenFiles.map((file) => file.path) : [];
  const places = task.datasets.filter((dataset) => dataset.isLocal);
  const mounts: ReadOnlyMount[] = [];
  const real = (host: string) => insidePack(task.packRoot, path.relative(task.packRoot, host));

  /** @returns whether everything below is plain and visible, so that one mount of the directory does */
  const collect = async (host: string, at: string, into: ReadOnlyMount[]): Promise<boolean> => {
    let whole = true;
    const parts: ReadOnlyMount[] = [];
    for (const entry of await readdir(host, { withFileTypes: true })) {
      const [below, name] = [path.join(host, entry.name), `${at}/${entry.name}`];
      if (hidden.includes(name)) whole = false;
      else if (entry.isSymbolicLink()) {
        whole = false;
        parts.push({ hostPath: await real(below), path: `${WORKSPACE}/${name}` });
      } else if (entry.isDirectory()) whole = (await collect(below, name, parts)) && whole;
      else parts.push({ hostPath: below, path: `${WORKSPACE}/${name}` });
    }
    into.push(...(whole ? [{ hostPath: host, path: `${WORKSPACE}/${at}` }] : parts));
    return whole;
  };

  for (const [index, dataset] of places.entries()) {
    try {
      const place = datasetPlace(index, dataset.dataPath);
      await collect(await real(await realpath(dataset.dataPath)), place, mounts);
    } catch (error) {
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isAbsent || error instanceof PathFault) {
        const why = isAbsent ? 'is not there' : `cannot be used: ${(error as Error).message}`;
        const message = `The dataset ${dataset.name} of ${task.envId} ${why}. Put it at ${dataset.dataPath}.`;
        throw new RpcError('task_broken', message, { task: task.envId, path: dataset.dataPath });
      }
      throw error;
    }
  }
  return mounts;
}
