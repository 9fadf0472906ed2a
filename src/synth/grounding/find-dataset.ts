import type { SynthSettings } from '../settings.js';
import { isBlocked } from './block-list.js';
import type { Hub, HubDataset } from './hub/hub.js';
import { nameWords, rankResults } from './rank-results.js';

/** The dataset that stands for the proposed one, or why there is none. */
export type FoundDataset =
  | { dataset: HubDataset; isSubstitute: boolean }
  | { reason: 'dataset_missing' | 'dataset_gated' | 'dataset_disabled' | 'dataset_blocked'; detail: string };

/** What a proposal says of its dataset. */
export interface WantedDataset {
  id: string;
  query: string;
}

/**
 * Finds the dataset of a proposal: by its name, else, where that is allowed, the best match of a search that may be used.
 * @throws StageFault; the signal's reason
 */
export async function findDataset(
  wanted: WantedDataset,
  hub: Hub,
  settings: SynthSettings['hub'],
  signal: AbortSignal,
): Promise<FoundDataset> {
  if (isBlocked(wanted.id, settings.blocked)) return blocked(wanted.id);
  const named = await hub.dataset(wanted.id, signal);
  if (named) {
    if (isBlocked(named.repo, settings.blocked)) return blocked(named.repo);
    if (named.isDisabled) return { reason: 'dataset_disabled', detail: `${named.repo} is disabled on the Hub.` };
    if (named.isGated) return { reason: 'dataset_gated', detail: `${named.repo} asks for access.` };
    return { dataset: named, isSubstitute: false };
  }
  const missing = `The Hub has no dataset ${wanted.id} that may be seen`;
  if (!settings.allow_substitutes) return { reason: 'dataset_missing', detail: `${missing}.` };
  const found = new Map<string, HubDataset>();
  for (const query of queriesFor(wanted)) {
    for (const dataset of await hub.search(query, signal)) found.set(dataset.repo, dataset);
  }
  const usable = rankResults(wanted, [...found.values()]).filter(
    ({ repo, isGated, isDisabled }) => !isGated && !isDisabled && !isBlocked(repo, settings.blocked),
  );
  const [best] = usable;
  if (best) return { dataset: best, isSubstitute: true };
  return {
    reason: 'dataset_missing',
    detail: `${missing}, and a search for "${wanted.query}" brought none to take instead.`,
  };
}

/** The Hub looks for a query in names, so that fewer words find more. */
function queriesFor({ id, query }: WantedDataset): string[] {
  const name = id.split('/').at(-1) ?? '';
  const words = [...nameWords(query)].slice(0, 2).join(' ');
  return [...new Set([name, query, words].map((text) => text.trim()).filter(Boolean))];
}

function blocked(id: string): FoundDataset {
  return { reason: 'dataset_blocked', detail: `${id} belongs to a benchmark, or to what the settings block.` };
}
