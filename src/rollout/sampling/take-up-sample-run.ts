import { refuseChanges } from '../../run/refuse-changes.js';
import { settingsChanges } from '../../run/settings-changes.js';
import { mayChange } from './may-change.js';
import type { SampleManifest } from './sample-manifest.js';
import type { SamplePlaces } from './sample-places.js';

const MAY_CHANGE =
  'Budgets, concurrency, servers, tries and addresses of endpoints may change, attempts become more and tasks be added.';

/** What a run is begun or taken up with. */
export type SampleRunOptions = Pick<SampleManifest, 'settings' | 'agents'>;

/**
 * @returns a run as it goes on with what it is taken up with
 * @throws RunError naming each setting that decides what comes of the run and was changed
 */
export function takeUpSampleRun(
  known: SampleManifest,
  { settings, agents }: SampleRunOptions,
  { root }: SamplePlaces,
): SampleManifest {
  const changes = settingsChanges(known.settings, settings).filter((change) => !mayChange(change));
  const others = settingsChanges(known.agents, agents).map((change) => ({
    ...change,
    path: `agent of ${change.path}`,
  }));
  refuseChanges(root, [...changes, ...others], MAY_CHANGE);
  return { ...known, settings };
}
