import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from '../../../files/write-atomically.js';
import { SOFTWARE } from '../../../protocol/index.js';
import type { StudentTokenizer } from '../../tokens/student-tokenizer.js';
import { datasetCard } from '../dataset-card.js';
import { datasetPlots } from '../dataset-plots.js';
import type { DatasetSettings } from '../dataset-settings.js';
import type { DatasetManifest } from '../manifest.js';
import type { SelectionTally } from '../selection/tally-selection.js';
import type { ShardResult } from '../shards/shard-job.js';
import { TEMPLATE } from '../template/render-chat.js';

/**
 * @param results of all shards, in their order
 * @returns with names in the place of paths: it goes wherever the dataset goes
 */
export function datasetManifest(
  settings: DatasetSettings,
  tally: SelectionTally,
  sources: DatasetManifest['sources'],
  results: readonly ShardResult[],
  tokenizer: Pick<StudentTokenizer, 'sha256' | 'isExact'>,
): DatasetManifest {
  const sum = (key: 'rows' | 'tokens' | 'loss_tokens' | 'truncated' | 'omitted' | 'unknown_views') =>
    results.reduce((all, result) => all + result[key], 0);
  const rows = new Map<string, number>();
  for (const part of results.flatMap((result) => result.tasks)) {
    rows.set(part.task, (rows.get(part.task) ?? 0) + part.rows);
  }
  const { expression, trajectories, kept, dropped, clauses, tasks, models, exit_statuses, distributions } = tally;
  return {
    version: 1,
    software: `${SOFTWARE.name} ${SOFTWARE.version}`,
    created_at: new Date().toISOString(),
    settings: {
      ...settings,
      sources: sources.map(({ name }) => name),
      tokenizer: settings.tokenizer && path.basename(settings.tokenizer),
    },
    expression,
    tokenizer: { sha256: tokenizer.sha256, exact: tokenizer.isExact },
    template: TEMPLATE,
    sources,
    trajectories,
    kept,
    dropped,
    clauses,
    tasks: tasks.map((task) => ({ ...task, rows: rows.get(task.task) ?? 0 })),
    models,
    exit_statuses,
    distributions,
    rows: sum('rows'),
    tokens: sum('tokens'),
    loss_tokens: sum('loss_tokens'),
    truncated: sum('truncated'),
    omitted: sum('omitted'),
    unknown_views: sum('unknown_views'),
    files: (['parquet', 'jsonl'] as const).flatMap((format) =>
      results.flatMap(({ files }) => files.filter((file) => file.format === format)),
    ),
  };
}

/**
 * Writes card, drawings and the settings, and the manifest last. Settings hold the paths of this machine: no manifest lists them, and
 * they are not pushed.
 */
export async function writePages(
  directory: string,
  manifest: DatasetManifest,
  settings: DatasetSettings,
): Promise<void> {
  const put = async (name: string, text: string): Promise<void> => {
    const place = path.join(directory, name);
    await mkdir(path.dirname(place), { recursive: true });
    await writeAtomically(place, [Buffer.from(text)]);
  };
  for (const { path: place, svg } of datasetPlots(manifest)) await put(place, svg);
  await put('README.md', datasetCard(manifest));
  const sources = settings.sources.map((source) => path.resolve(source));
  await put('settings.json', `${JSON.stringify({ ...settings, sources }, null, 2)}\n`);
  await put('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
}
