import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PackError } from '../../env/packs/pack-error.js';
import type { TaskDraft } from '../../env/packs/task-draft.js';
import { writeTask } from '../../env/packs/write-pack.js';

/** The last task that is being written, by pack. */
const writing = new Map<string, Promise<unknown>>();

/** Does work on a pack when earlier work on it has ended: a name must not be taken between looking and writing. */
async function inTurn<T>(root: string, work: () => Promise<T>): Promise<T> {
  const turn = (writing.get(root) ?? Promise.resolve()).catch(() => {}).then(work);
  writing.set(root, turn);
  try {
    return await turn;
  } finally {
    if (writing.get(root) === turn) writing.delete(root);
  }
}

/** @returns what a task of a pack was made of; null when there is no task of that name, empty for one that was not synthesized */
async function fingerprintIn(root: string, name: string): Promise<string | null> {
  const read = (file: string) =>
    readFile(path.join(root, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
  if ((await read(`configs/tasks/${name}.yaml`)) === null) return null;
  const sidecar = JSON.parse((await read(`gymsmith/${name}.json`)) ?? '{}') as {
    provenance?: { fingerprint?: string };
  };
  return sidecar.provenance?.fingerprint ?? '';
}

/**
 * Writes a task into a pack under the first name that is free; one that is there already, from a process that was killed before it could
 * say so, stays as it is.
 * @param names first choice first
 * @param draftOf the task under a name
 * @returns the name
 * @throws PackError when the task would not load or every name is taken
 */
export async function publishTask(
  root: string,
  names: readonly string[],
  fingerprint: string,
  draftOf: (name: string) => Promise<TaskDraft>,
): Promise<string> {
  return inTurn(path.resolve(root), async () => {
    for (const name of names) {
      const there = await fingerprintIn(root, name);
      if (there !== null && there !== fingerprint) continue;
      if (there === null) await writeTask(root, await draftOf(name), { publish: true });
      return name;
    }
    throw new PackError(`The pack ${root} has other tasks of the names ${names.join(' and ')}: remove them`);
  });
}
