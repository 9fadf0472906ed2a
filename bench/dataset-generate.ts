// Writes made-up trajectories. Usage: dataset-generate.ts <directory> <how many> <part> <parts>
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Corpus } from './dataset-corpus.js';
import { makeTrajectory } from './dataset-trajectory.js';

const [directory, count, part, parts] = process.argv.slice(2);
if (directory === undefined || parts === undefined) throw new Error('name a directory, a count, a part and the parts');
const corpus = new Corpus();
const made = new Set<string>();
for (let number = Number(part); number < Number(count); number += Number(parts)) {
  const trajectory = makeTrajectory(corpus, number);
  const file = path.join(directory, trajectory.path);
  const folder = path.dirname(file);
  if (!made.has(folder)) mkdirSync(folder, { recursive: true });
  made.add(folder);
  writeFileSync(file, trajectory.contents);
}
