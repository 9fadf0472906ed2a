import { EpisodeOptions, type ResetParams } from '../../protocol/index.js';
import { isRecord, OpenEnvError } from './openenv-frames.js';

/** What the keyword arguments of an OpenEnv reset mean to us. */
export interface OpenEnvReset {
  /** Task that the arguments name; null when they name none. */
  task: string | null;
  params: Omit<ResetParams, 'task'>;
  /** `resume=True`: take up the live episode of this id if there is one. */
  resume: boolean;
  /** The client chose an id or spoke of resuming: the episode waits for it when the connection breaks. */
  isResumable: boolean;
  softDeadlineMs: number | null;
}

/** Longest soft deadline that a client may choose, in seconds. */
const MAX_STEP_DEADLINE_S = 24 * 3600;
const SEED_MODULUS = Number.MAX_SAFE_INTEGER;

/**
 * Reads the keyword arguments of a reset. Trainers pass whole dataset rows: what we do not know, or what has another type than
 * ours, is somebody else's and left alone. Only `options`, which nobody passes by chance, is checked.
 * @throws OpenEnvError `VALIDATION_ERROR` for wrong `options`
 */
export function parseOpenEnvReset(kwargs: Record<string, unknown>): OpenEnvReset {
  const { task, env_id, episode_id, seed, resume, step_deadline_s, options } = kwargs;
  const named = [task, env_id].find((value) => typeof value === 'string' && value !== '');
  const episodeId =
    typeof episode_id === 'string' && episode_id !== '' && episode_id.length <= 255 ? episode_id : undefined;
  const merged = { ...looseOptions(kwargs), ...strictOptions(options) };
  const isDeadline = typeof step_deadline_s === 'number' && step_deadline_s > 0;
  return {
    task: (named as string | undefined) ?? null,
    params: {
      ...(episodeId !== undefined && { episode_id: episodeId }),
      ...(toSeed(seed) !== null && { seed: toSeed(seed)! }),
      ...(Object.keys(merged).length > 0 && { options: merged }),
    },
    resume: resume === true,
    isResumable: episodeId !== undefined || typeof resume === 'boolean',
    softDeadlineMs: isDeadline ? Math.min(step_deadline_s, MAX_STEP_DEADLINE_S) * 1000 : null,
  };
}

/** Seeds of any size are taken: Python has no largest integer. The seed in use stands in the observation's info. */
function toSeed(seed: unknown): number | null {
  if (typeof seed !== 'number' || !Number.isFinite(seed)) return null;
  return Math.abs(Math.trunc(seed)) % SEED_MODULUS;
}

function looseOptions(kwargs: Record<string, unknown>): EpisodeOptions {
  const entries = Object.entries(EpisodeOptions.shape).flatMap(([name, schema]) => {
    const parsed = Object.hasOwn(kwargs, name) ? schema.safeParse(kwargs[name]) : null;
    return parsed?.success && parsed.data !== undefined ? [[name, parsed.data]] : [];
  });
  return Object.fromEntries(entries);
}

function strictOptions(options: unknown): EpisodeOptions {
  if (!isRecord(options)) return {};
  const parsed = EpisodeOptions.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw OpenEnvError.invalidField(`options.${issue?.path.join('.')}`, issue?.message ?? 'wrong', options);
}
