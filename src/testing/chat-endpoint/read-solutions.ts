import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { loadPack } from '../../env/packs/pack.js';
import type { Solution } from './solution.js';

const Recording = z.object({ task: z.string(), actions: z.array(z.string()).min(1) });

/**
 * Reads the recorded solutions of a pack: `solutions/*.json` with `{"task": env id, "actions": [...]}`.
 * @param pack directory of the pack; its tasks tell by which text a prompt is recognised
 * @throws Error naming the file that cannot be used, or saying that there is none
 */
export async function readSolutions(pack: string): Promise<Solution[]> {
  const { tasks } = await loadPack(pack);
  const directory = path.join(pack, 'solutions');
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  if (names.length === 0) throw new Error(`${directory} holds no recorded solution.`);
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(directory, name);
      const { task: id, actions } = await recordingOf(file);
      const task = tasks.find((known) => known.envId === id);
      if (!task) throw new Error(`${file} is for ${id}, which ${pack} does not have.`);
      // The first line: what follows may be told otherwise in a prompt.
      const [match = task.description] = task.description.trim().split('\n');
      return { match, actions };
    }),
  );
}

async function recordingOf(file: string): Promise<z.infer<typeof Recording>> {
  try {
    return Recording.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} is no recorded solution: ${(error as Error).message}`);
  }
}
