import { FileJournal } from '../../src/synth/journal/file-journal.js';

/** Asks without end and says each key once its answer is kept; somebody else ends it. */
const [root = ''] = process.argv.slice(2);
const journal = new FileJournal(root);
for (let i = 0; ; i++) {
  const key = `k/${i}`;
  await journal.once(key, { i }, async () => ({ text: 'x'.repeat(20_000) }));
  process.stdout.write(`${key}\n`);
}
