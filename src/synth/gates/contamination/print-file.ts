import type { BenchmarkPrint } from './benchmark-print.js';

const MAGIC = 'GSFP1';
const GRAM_BYTES = 5;

/**
 * Fingerprints as bytes: a line of JSON (`format`, `name`, and of each task `name`, `description` and the number of its `grams`), then
 * the grams of the tasks in that order, ascending, 5 bytes each, the most significant first.
 */
export function encodePrint(print: BenchmarkPrint): Buffer {
  const tasks = print.tasks.map(({ name, description, grams }) => ({ name, description, grams: grams.size }));
  const head = Buffer.from(`${JSON.stringify({ format: MAGIC, name: print.name, tasks })}\n`);
  const grams = print.tasks.flatMap((task) => [...task.grams].sort((a, b) => a - b));
  const body = Buffer.alloc(grams.length * GRAM_BYTES);
  for (const [at, gram] of grams.entries()) body.writeUIntBE(gram, at * GRAM_BYTES, GRAM_BYTES);
  return Buffer.concat([head, body]);
}

/** @throws Error for bytes that are no fingerprints, or not all of them */
export function decodePrint(bytes: Buffer): BenchmarkPrint {
  const end = bytes.indexOf(0x0a);
  if (!bytes.subarray(0, end).includes(`"format":"${MAGIC}"`)) throw new Error('holds no fingerprints');
  const head = JSON.parse(bytes.subarray(0, end).toString('utf8')) as {
    name: string;
    tasks: { name: string; description: string; grams: number }[];
  };
  const total = head.tasks.reduce((sum, { grams }) => sum + grams, 0);
  const body = bytes.subarray(end + 1);
  if (body.length !== total * GRAM_BYTES) throw new Error('holds fingerprints that are cut off');
  let at = 0;
  const tasks = head.tasks.map(({ name, description, grams: count }) => {
    const grams = new Set<number>();
    for (const last = at + count; at < last; at += 1) grams.add(body.readUIntBE(at * GRAM_BYTES, GRAM_BYTES));
    return { name, description, grams };
  });
  return { name: head.name, tasks };
}
