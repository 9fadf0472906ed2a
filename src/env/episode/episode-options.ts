import { z } from 'zod';
import { EpisodeOptions, type ResetParams, StateCommand } from '../../protocol/index.js';
import { KEEP_OUTPUT_BYTES, KEEP_OUTPUT_MLGYM_BYTES, SHORT_TIMEOUT_MS, WINDOW } from '../limits.js';
import { ENV_ID, type Task } from '../task.js';
import { viewerNumber } from './viewer-number.js';

/** What holds for one episode: the choices of its reset, and the task's own where none was made. */
export const EpisodeSettings = EpisodeOptions.required().extend({
  state_command: StateCommand.nullable(),
  seed: z.int().nullable(),
});
export type EpisodeSettings = z.infer<typeof EpisodeSettings>;

/** How an environment answers unless it is asked otherwise: as MLGym, where students are judged, does. */
const DEFAULT_COMPAT: EpisodeSettings['compat'] = 'mlgym';

/** MLGym cuts no output: its own tasks answer so as far as the wire carries it, others keep contexts from bursting. */
function keptOutputBytes({ envId }: Pick<Task, 'envId'>): number {
  return ENV_ID.exec(envId)?.groups?.namespace === 'mlgym' ? KEEP_OUTPUT_MLGYM_BYTES : KEEP_OUTPUT_BYTES;
}

/** Fills in what a reset left open. */
export function episodeSettings(
  task: Task,
  { options = {}, seed }: Pick<ResetParams, 'options' | 'seed'>,
): EpisodeSettings {
  const { limits } = task.sidecar;
  return {
    max_steps: options.max_steps ?? limits.max_steps,
    reward: options.reward ?? 'improvement',
    step_timeout_s: options.step_timeout_s ?? SHORT_TIMEOUT_MS / 1000,
    training_timeout_s: options.training_timeout_s ?? task.trainingTimeoutS,
    episode_timeout_s: options.episode_timeout_s ?? limits.episode_timeout_ms / 1000,
    window: viewerNumber(options.variables?.WINDOW) ?? options.window ?? WINDOW,
    keep_output_bytes: options.keep_output_bytes ?? keptOutputBytes(task),
    compat: options.compat ?? DEFAULT_COMPAT,
    variables: options.variables ?? {},
    command_files: options.command_files ?? [],
    state_command: options.state_command ?? null,
    memory: options.memory ?? false,
    seed: seed ?? null,
  };
}
