import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from '../../files/write-atomically.js';
import { SOFTWARE } from '../../protocol/index.js';
import { holdingRun } from '../../run/hold-run.js';
import { readRunFile } from '../../run/read-run-file.js';
import { refuseChanges } from '../../run/refuse-changes.js';
import { refuseForeign } from '../../run/refuse-foreign.js';
import { settingsChanges } from '../../run/settings-changes.js';
import type { SynthSettings } from '../settings.js';
import { CandidateStore } from './candidate-store.js';
import { mayChange } from './may-change.js';
import { ablationsOf, RunManifest } from './run-manifest.js';
import { RunPlaces } from './run-places.js';

/** Shows how far another process is. */
export const STATUS = 'gymsmith synth status';

/** What a run is begun or taken up with. */
export interface RunOptions {
  settings: SynthSettings;
  /** Versions of the prompts by name. */
  prompts: Readonly<Record<string, string>>;
  /** Directory of the run whose answers are played again. */
  replayOf?: string | null;
}

/** A run's directory while this process has it. */
export interface OpenRun {
  places: RunPlaces;
  manifest: RunManifest;
  store: CandidateStore;
  /** Whether an earlier process began it. */
  isResumed: boolean;
}

/**
 * Begins a run, or takes one up, and holds its directory while the work is done; a process that is killed holds nothing.
 * @param directory of the run; made when it is missing
 * @throws RunError when another process has it, when it holds something else, or when settings changed that decide what comes of it
 */
export async function withRun<T>(
  directory: string,
  options: RunOptions,
  work: (run: OpenRun) => Promise<T>,
): Promise<T> {
  const places = new RunPlaces(path.resolve(directory));
  return holdingRun(places.root, STATUS, async () => {
    const known = await readManifest(places);
    if (known === null) await refuseForeign(places.root);
    const manifest = known === null ? newManifest(options) : takenUp(known, options, places);
    await mkdir(places.candidates, { recursive: true });
    await writeAtomically(places.manifest, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
    return work({ places, manifest, store: new CandidateStore(places), isResumed: known !== null });
  });
}

/** @returns null where no run was begun @throws RunError when the file is damaged or of another version */
export function readManifest({ manifest }: RunPlaces): Promise<RunManifest | null> {
  return readRunFile(manifest, RunManifest);
}

function newManifest({ settings, prompts, replayOf = null }: RunOptions): RunManifest {
  return {
    version: 1,
    software: `${SOFTWARE.name} ${SOFTWARE.version}`,
    created_at: new Date().toISOString(),
    settings,
    prompts: { ...prompts },
    replay_of: replayOf,
    ablations: ablationsOf(settings),
  };
}

function takenUp(known: RunManifest, options: RunOptions, places: RunPlaces): RunManifest {
  const { settings, prompts, replayOf = null } = options;
  const refused = settingsChanges(known.settings, settings).filter((change) => !mayChange(change));
  for (const name of new Set([...Object.keys(known.prompts), ...Object.keys(prompts)])) {
    const [was, is] = [known.prompts[name], prompts[name]];
    if (was !== is) refused.push({ path: `the prompt ${name}`, was, is });
  }
  if (replayOf !== known.replay_of)
    refused.push({ path: 'the run that is replayed', was: known.replay_of, is: replayOf });
  refuseChanges(places.root, refused, 'Budgets and concurrency may change, and topics become more.');
  return { ...known, settings };
}
