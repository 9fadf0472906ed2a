import path from 'node:path';
import { DatasetSettings, REJECTS } from '../../rollout/dataset/dataset-settings.js';
import { datasetFilter } from '../../rollout/filter/dataset-filter.js';
import { FilterError } from '../../rollout/filter/filter-error.js';
import { CliError } from '../cli-error.js';
import { type GivenSetting, mergeSettings } from '../settings/merge-settings.js';
import type { SelectionFlags } from './selection-flags.js';

/** Of which every part is there. */
const COMPLETE = DatasetSettings.parse({ sources: ['any'] });

/**
 * Puts the file of settings and the flags together.
 * @param sources as named on the command line; none: those of the file
 * @param more what flags of one command give beside those of the selection
 * @returns settings, with the path of the tokenizer made absolute
 * @throws CliError naming each fault with its line or flag; a filter that cannot be read with its place
 */
export function readDatasetSettings(
  sources: readonly string[],
  flags: SelectionFlags,
  more: readonly GivenSetting[] = [],
): DatasetSettings {
  const settings = mergeSettings({
    schema: DatasetSettings,
    file: flags.config,
    base: null,
    given: [...givenBy(sources, flags), ...more],
    complete: COMPLETE,
    refuse: refuseNoSource,
  });
  refuseWrongFilter(settings, flags);
  return { ...settings, tokenizer: settings.tokenizer && path.resolve(settings.tokenizer) };
}

function refuseNoSource(merged: Record<string, unknown>): void {
  if (merged.sources !== undefined) return;
  throw new CliError('No trajectories are named.', 'Name runs of gymsmith sample, or directories with .traj files.', 2);
}

function refuseWrongFilter({ filter }: DatasetSettings, flags: SelectionFlags): void {
  try {
    datasetFilter(filter);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const where = flags.where === undefined ? `${flags.config}: filter.where` : '--where';
    throw new CliError(`${where}: ${error.message}`, 'All labels, and what can be asked: docs/sample-and-train.md', 2);
  }
}

function givenBy(sources: readonly string[], flags: SelectionFlags): GivenSetting[] {
  const allowed = flags.allow;
  const plain: [string, string, unknown][] = [
    ['sources', 'sources', sources.length > 0 ? sources : undefined],
    ['--preset', 'filter.preset', flags.preset],
    ['--where', 'filter.where', flags.where],
    ['--k', 'filter.k', flags.k],
    ['--max-tokens', 'filter.max_tokens', flags.maxTokens],
    ['--allow', 'filter.rejects', allowed && REJECTS.filter((reject) => !allowed.includes(reject))],
    ['--per-task', 'per_task', flags.perTask],
    ['--per-task-order', 'per_task_order', flags.perTaskOrder],
    ['--keep-duplicates', 'duplicates', flags.keepDuplicates ? 'keep' : undefined],
    ['--held-out', 'held_out', flags.heldOut],
    ['--seed', 'seed', flags.seed],
    ['--tokenizer', 'tokenizer', flags.tokenizer],
  ];
  return plain
    .filter(([, , value]) => value !== undefined)
    .map(([flag, place, value]) => ({ flag, path: place.split('.'), value }));
}
