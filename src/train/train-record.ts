import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../files/write-atomically.js';
import { RunError } from '../run/run-error.js';
import { settingsChanges } from '../run/settings-changes.js';
import { TrainFacts } from './train-event.js';
import type { TrainPlaces } from './train-places.js';
import { FREE_SETTINGS, TrainSettings } from './train-settings.js';

/** `settings.json`: what a training was begun with, and what it found. */
export const TrainRecord = z.strictObject({
  version: z.literal(1),
  software: z.string(),
  created_at: z.string(),
  place: z.string().describe('where the recipe ran last'),
  settings: TrainSettings,
  /** Of the dataset when it is on this machine. */
  manifest_sha256: z.string().nullable(),
  facts: TrainFacts.nullable().describe('null: no step has begun'),
});
export type TrainRecord = z.output<typeof TrainRecord>;

/** @returns null when nothing was trained in the directory @throws RunError when its record is damaged */
export async function readTrainRecord(places: TrainPlaces): Promise<TrainRecord | null> {
  const text = await readFile(places.settings, 'utf8').catch(() => null);
  if (text === null) return null;
  const remedy = 'Train in a new directory: --out';
  try {
    return TrainRecord.parse(JSON.parse(text));
  } catch (error) {
    throw new RunError(`${places.settings} is damaged: ${(error as Error).message.split('\n')[0]}`, remedy);
  }
}

export async function writeTrainRecord(places: TrainPlaces, record: TrainRecord): Promise<void> {
  await writeAtomically(places.settings, [Buffer.from(`${JSON.stringify(record, null, 2)}\n`)]);
}

/** @throws RunError when a training was begun with something that decides its outcome and is different now */
export function refuseChanges(
  { root }: TrainPlaces,
  was: TrainRecord,
  is: Pick<TrainRecord, 'settings' | 'manifest_sha256'>,
): void {
  const changes = settingsChanges(was.settings, is.settings).filter(({ path }) => !FREE_SETTINGS.has(path));
  const lines = changes.map(
    (change) => `  ${change.path}: ${JSON.stringify(change.was)}, now ${JSON.stringify(change.is)}`,
  );
  if (was.manifest_sha256 !== is.manifest_sha256) lines.push('  the dataset: its manifest is another one');
  if (lines.length === 0) return;
  const text = `${root} holds a training with other settings:\n${lines.join('\n')}`;
  throw new RunError(text, 'Name another directory with --out, or give the settings that it was begun with.');
}
