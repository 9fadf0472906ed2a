import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { storing } from '../../files/storage-fault.js';
import { writeAtomically } from '../../files/write-atomically.js';
import { SOFTWARE } from '../../protocol/index.js';
import { holdingRun } from '../../run/hold-run.js';
import { readRunFile } from '../../run/read-run-file.js';
import { refuseForeign } from '../../run/refuse-foreign.js';
import { Ledger } from '../../store/ledger.js';
import { SampleManifest } from './sample-manifest.js';
import { SamplePlaces } from './sample-places.js';
import { type SampleRunOptions, takeUpSampleRun } from './take-up-sample-run.js';

/** Shows how far another process is. */
const STATUS = 'gymsmith sample status';
/** A run's directory while this process has it. */
export interface OpenSampleRun {
  places: SamplePlaces;
  manifest: SampleManifest;
  ledger: Ledger;
  /** Whether an earlier process began it. */
  isResumed: boolean;
}

/**
 * Begins a run, or takes one up, and holds its directory while the work is done; a process that is killed holds nothing.
 * @param directory of the run; made when it is missing
 * @throws RunError when another process has it, when it holds something else, or when settings changed that decide what comes of it;
 *   StoreError when its ledger is of no use; StorageFault when the machine does not keep it
 */
export async function withSampleRun<T>(
  directory: string,
  options: SampleRunOptions,
  work: (run: OpenSampleRun) => Promise<T>,
): Promise<T> {
  const places = new SamplePlaces(path.resolve(directory));
  return holdingRun(places.root, STATUS, async () => {
    const known = await readRunFile(places.manifest, SampleManifest);
    if (known === null) await refuseForeign(places.root);
    const manifest = known === null ? newManifest(options) : takeUpSampleRun(known, options, places);
    await storing(places.root, async () => {
      await writeAtomically(places.manifest, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
      await mkdir(places.trajectories, { recursive: true });
    });
    const ledger = Ledger.open(places.ledger);
    try {
      return await work({ places, manifest, ledger, isResumed: known !== null });
    } finally {
      ledger.close();
    }
  });
}

function newManifest({ settings, agents }: SampleRunOptions): SampleManifest {
  return {
    version: 1,
    kind: 'sample',
    id: randomUUID(),
    software: `${SOFTWARE.name} ${SOFTWARE.version}`,
    created_at: new Date().toISOString(),
    settings,
    agents,
  };
}
