import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadPack } from '../../../env/packs/pack.js';
import type { PackTask } from '../../../env/packs/pack-task.js';
import type { BenchmarkPrint } from './benchmark-print.js';
import { goalOf } from './goal-of.js';
import { wordGrams, wordsHash } from './word-grams.js';

const CODE = /\.(?:py|pyx|ipynb|sh|r|jl|ya?ml|toml|md)$/i;
/** Larger ones are data, whatever their name. */
const MAX_CODE_BYTES = 2 ** 20;
/** What more tasks than this hold is how their authors write, not what one of them is about: licences, how to submit. */
const COMMON_TASKS = 4;

async function codeGrams(task: PackTask): Promise<Set<number>> {
  const grams = new Set<number>();
  for (const { path: name, hostPath } of [...task.starterFiles, ...task.hiddenFiles]) {
    if (!CODE.test(name) || name.startsWith('data/')) continue;
    const bytes = await readFile(hostPath);
    if (bytes.length > MAX_CODE_BYTES) continue;
    for (const gram of wordGrams(bytes.toString('utf8'))) grams.add(gram);
  }
  return grams;
}

/**
 * Takes the fingerprints of a pack or of a checkout of MLGym. Tasks that do not load have none.
 * @throws Error when there is no task in it
 */
export async function printPack(root: string): Promise<BenchmarkPrint> {
  const pack = await loadPack(root);
  if (pack.tasks.length === 0) {
    const why = pack.faults.find(({ severity }) => severity === 'error');
    throw new Error(`${root} holds no task that loads${why ? `: ${why.file}: ${why.problem}` : ''}`);
  }
  const tasks = [];
  for (const task of pack.tasks) {
    const goal = goalOf(task.config.description);
    const grams = new Set([...wordGrams(goal), ...(await codeGrams(task))]);
    tasks.push({ name: task.envId, description: wordsHash(goal), grams });
  }
  const holders = new Map<number, number>();
  for (const { grams } of tasks) for (const gram of grams) holders.set(gram, (holders.get(gram) ?? 0) + 1);
  for (const { grams } of tasks)
    for (const gram of [...grams]) if (holders.get(gram)! > COMMON_TASKS) grams.delete(gram);
  return { name: pack.namespace === 'mlgym' ? 'MLGym' : path.basename(pack.root), tasks };
}
