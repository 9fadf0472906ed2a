// Reads a dataset that `gymsmith dataset build` made line by line, and counts what a student learns of it.
//
//   npx tsx examples/read-dataset.ts data
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { DatasetRow } from '../src/rollout/dataset/dataset-row.js';
import { DatasetManifest } from '../src/rollout/dataset/manifest.js';

const directory = process.argv[2] ?? 'data';
const manifest = DatasetManifest.parse(JSON.parse(await readFile(path.join(directory, 'manifest.json'), 'utf8')));
const learntOf = new Map<string, number>();
let rows = 0;

for (const file of manifest.files.filter(({ format }) => format === 'jsonl')) {
  const lines = createReadStream(path.join(directory, file.path)).pipe(createGunzip());
  for await (const line of createInterface(lines)) {
    const row = DatasetRow.parse(JSON.parse(line));
    // Spans count code points, which are not the units of JavaScript's strings.
    const characters = Array.from(row.text);
    for (const [begin, end] of row.loss_spans) {
      const words = characters.slice(begin, end).join('');
      assert.ok(words.endsWith('<|im_end|>') && !words.includes('<|im_start|>'), `${row.id}: ${words}`);
    }
    learntOf.set(row.task, (learntOf.get(row.task) ?? 0) + row.loss_tokens);
    rows++;
  }
}

for (const [task, tokens] of learntOf) console.log(`${task}: ${tokens} tokens are learnt`);
assert.equal(rows, manifest.rows);
assert.equal(
  [...learntOf.values()].reduce((sum, tokens) => sum + tokens, 0),
  manifest.loss_tokens,
);
console.log('ok');
