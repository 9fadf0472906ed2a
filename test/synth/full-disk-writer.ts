import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { writeTask } from '../../src/env/packs/write-pack.js';
import { writeAttempt } from '../../src/synth/generation/attempt-files.js';
import { makeTaskData } from '../../src/synth/grounding/tables/make-task-data.js';
import { FileJournal } from '../../src/synth/journal/file-journal.js';

/** Writes more than the disk below a directory holds, in every way that a run writes, and says as JSON what came of each. */
const [root = '', table = ''] = process.argv.slice(2);
const text = 'x'.repeat(200_000);
const journal = new FileJournal(path.join(root, 'journal'));
const plan = {
  inputs: ['text'],
  target: 'label',
  target_kind: 'class' as const,
  split: { method: 'random' as const, by: null },
};
const ways: Record<string, () => Promise<unknown>> = {
  journal: () => journal.once('a/b', {}, async () => ({ text })),
  pack: () =>
    writeTask(path.join(root, 'pack'), {
      config: { id: 'plums', name: 'Plums', description: 'Count plums.', evaluation_paths: ['evaluate.py'] },
      datasets: [],
      files: [{ path: 'evaluate.py', contents: text }],
      requirements: null,
      sidecar: { version: 1, env_id: 'fruit/plums-v1', metric: { name: 'n', direction: 'maximize' } },
    }),
  attempt: () => writeAttempt(path.join(root, 'candidate'), 0, [{ path: 'baseline.py', text }]),
  data: () =>
    makeTaskData({
      recipe: { repo: 'a/b', revision: '1', files: ['t.csv'], maxRows: 1000, testShare: 0.25, seed: 1 },
      plan,
      features: [
        { name: 'text', type: 'string' },
        { name: 'label', type: 'int64' },
      ],
      bring: async () => [table],
      cacheDirectory: path.join(root, 'cache'),
      signal: new AbortController().signal,
    }),
};
const said: Record<string, unknown> = {};
for (const [name, write] of Object.entries(ways)) {
  const error = await write().then(
    () => new Error('was written'),
    (fault: Error) => fault,
  );
  said[name] = { name: error.name, message: error.message };
}
const left = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
process.stdout.write(JSON.stringify({ said, left: left.map(({ name }) => name) }));
