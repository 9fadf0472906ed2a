import { z } from 'zod';
import { SampleSettings } from './sample-settings.js';

/** `run.json`: what a run of sampling was begun with. */
export const SampleManifest = z.strictObject({
  version: z.literal(1),
  kind: z.literal('sample'),
  /** Names the run in its trajectories. */
  id: z.string(),
  /** Name and version of what began it. */
  software: z.string(),
  created_at: z.string(),
  settings: SampleSettings,
  /** Hashes of what the players are told and how they are read, by name of the player. */
  agents: z.record(z.string(), z.string()),
});
export type SampleManifest = z.output<typeof SampleManifest>;
