import { readRunFile } from '../../run/read-run-file.js';
import { RunError } from '../../run/run-error.js';
import { SampleManifest } from './sample-manifest.js';
import type { SamplePlaces } from './sample-places.js';

/** @returns what a run was begun with @throws RunError where there is none, or its file is damaged */
export async function requireSampleRun(places: SamplePlaces): Promise<SampleManifest> {
  const manifest = await readRunFile(places.manifest, SampleManifest);
  if (manifest !== null) return manifest;
  throw new RunError(
    `There is no run of sampling in ${places.root}.`,
    'Name its directory with --out, or begin one: gymsmith sample --help',
  );
}
