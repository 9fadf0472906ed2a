import path from 'node:path';
import { DatasetSettings } from '../../src/rollout/dataset/dataset-settings.js';
import type { DatasetManifest } from '../../src/rollout/dataset/manifest.js';
import { TrajectorySelector } from '../../src/rollout/dataset/select-trajectories.js';
import type { Labels } from '../../src/rollout/labels/labels.js';
import { labelsOf } from './labels-of.js';

/** The manifest of a dataset that was never written: as many rows as trajectories were kept. */
export function manifestOf(
  all: readonly Partial<Labels>[],
  given: Partial<Record<keyof DatasetSettings, unknown>> = {},
): DatasetManifest {
  const settings = DatasetSettings.parse({ sources: ['/home/somebody/sample-run'], ...given });
  const selector = new TrajectorySelector(settings);
  for (const [at, labels] of all.entries()) {
    selector.add({ id: `r/${at}`, file: `/r/${at}.traj`, labels: labelsOf({ fingerprint: `${at}`, ...labels }) });
  }
  const selection = selector.select();
  const tally = selection.tally();
  return {
    version: 1,
    software: 'gymsmith 0.1.0',
    created_at: '2026-01-02T03:04:05.000Z',
    settings,
    ...tally,
    tokenizer: { sha256: 'ab'.repeat(32), exact: true },
    template: { name: 'qwen3', version: '1' },
    sources: settings.sources.map((source) => ({
      name: path.basename(source),
      run: null,
      trajectories: all.length,
      sha256: 'cd'.repeat(32),
    })),
    tasks: tally.tasks.map((task) => ({ ...task, rows: task.kept })),
    rows: tally.kept,
    tokens: tally.kept * 1000,
    loss_tokens: tally.kept * 100,
    truncated: 1,
    omitted: 0,
    unknown_views: 0,
    files: settings.formats.flatMap((format) =>
      (['train', 'test'] as const).flatMap((split) => {
        const rows = selection.kept.filter((kept) => kept.split === split).length;
        const file = `${format === 'parquet' ? 'data' : 'jsonl'}/${split}-00000-of-00001.${format}`;
        return rows === 0 ? [] : [{ path: file, split, format, rows, bytes: 1000, sha256: 'ef'.repeat(32) }];
      }),
    ),
  };
}
