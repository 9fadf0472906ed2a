import { z } from 'zod';
import { GATES, GATES_BY_DEFAULT } from '../gates/gate.js';
import { SynthSettings } from '../settings.js';

/** `run.json`: what a run was begun with. */
export const RunManifest = z.strictObject({
  version: z.literal(1),
  /** Name and version of what began it. */
  software: z.string(),
  created_at: z.string(),
  settings: SynthSettings,
  /** Versions of the prompts by name. */
  prompts: z.record(z.string(), z.string()),
  /** Directory of the run whose answers are played again; null: others are asked. */
  replay_of: z.string().nullable(),
  /** What is switched off compared with the whole pipeline, in words. */
  ablations: z.array(z.string()),
});
export type RunManifest = z.output<typeof RunManifest>;

/** @returns what is switched off compared with the whole pipeline, in words */
export function ablationsOf(settings: SynthSettings): string[] {
  const { gates, hub, verification, debug_iterations, p_debug } = settings;
  const off = GATES.filter((name) => GATES_BY_DEFAULT[name] && gates[name] === false).map((name) => `gate ${name} off`);
  return [
    ...(hub.check ? [] : ['datasets are not checked']),
    ...(debug_iterations === 0 ? ['no self-debugging'] : []),
    ...(debug_iterations > 0 && p_debug === 0 ? ['failures always start over'] : []),
    ...(debug_iterations > 0 && p_debug === 1 ? ['failures are always repaired'] : []),
    ...(verification.agent_episodes === 0 ? ['no agent plays'] : []),
    ...off,
  ];
}
