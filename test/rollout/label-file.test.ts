import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LabelFile } from '../../src/rollout/labels/label-file.js';
import type { KeptLabels } from '../../src/rollout/labels/labelled-file.js';
import { LabelStore } from '../../src/store/label-store.js';

const KEPT: KeptLabels = {
  labels: {
    ...{ version: 1, task: 't-v1', model: 'm', agent: 'default', parser: 'ThoughtActionParser', seed: 2 ** 40 },
    ...{ exit_status: 'submitted', stop: '', complete: true, infrastructure: false, steps: 3, direction: 'maximize' },
    ...{ baseline: 0.5, submissions: 2, valid: 1, best: 0.75, last: null, improves: true, improvement: 0.5 },
    ...{ tokens: 9000, tokens_exact: true, assistant_tokens: 900, turns: 3, characters: 30_000, format_errors: 0 },
    ...{ control_tokens: 0, identity: 0, evidence: ['link_submitted'], cheating: true, usd: null, input_tokens: 1 },
    ...{ output_tokens: 2, seconds: 3.5, fingerprint: 'f\u0000\u{1f600}' },
  },
  turns: { ends: [10, 20, 9000], losses: [5, 9, 20] },
  sha256: 'ab',
  bytes: 190_000,
};

it('keeps labels from one build to the next, and finds out again what another version kept [T3]', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-labels-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const file = path.join(root, 'labels.sqlite');
  const first = LabelFile.open(file);
  first.putLabels(Array.from({ length: 2000 }, (_, at) => ({ id: `a/${at}`, key: 'k', kept: { ...KEPT, bytes: at } })));
  first.close();
  first.close();
  const again = LabelFile.open(file);
  expect(again.labels('a/1999', 'k')).toEqual({ ...KEPT, bytes: 1999 });
  expect(again.labels('a/1999', 'other')).toBeUndefined();
  expect(again.labels('b', 'k')).toBeUndefined();
  again.close();
  const store = LabelStore.open(file);
  store.put([{ id: 'a/1', key: 'k', kept: '{"labels":{"version":0}}' }]);
  store.close();
  const third = LabelFile.open(file);
  expect(third.labels('a/1', 'k')).toBeUndefined();
  third.close();
  await writeFile(file, 'no database'.repeat(100));
  expect(() => LabelFile.open(file)).toThrow(`${file} is damaged`);
});
