import { z } from 'zod';
import { parsePythonJson, toPlain } from '../python/python-json.js';
import { Trajectory } from './trajectory.js';
import { TrajectoryError } from './trajectory-error.js';

/** SWE-agent writes null where nothing was said. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** Version 1 of SWE-agent keeps the state as an object. */
const State = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .nullish()
  .transform((value) => (typeof value === 'string' ? value : JSON.stringify(value ?? {})));

const Part = z.looseObject({ text: z.string().optional() });

/** Version 1 of SWE-agent writes messages in parts. */
const Content = z
  .union([z.string(), z.array(Part)])
  .nullish()
  .transform((value) => (typeof value === 'string' ? value : (value ?? []).map((part) => part.text ?? '').join('\n')));

const EpisodeInfo = Trajectory.shape.info.extend({ model_stats: z.unknown().optional() });

/** A trajectory as any of the writers leaves it. */
const AnyTrajectory = Trajectory.extend({
  environment: text,
  trajectory: z
    .array(
      z.looseObject({
        state: State,
        response: text,
        thought: text,
        action: text,
        execution_time: z
          .number()
          .nullish()
          .transform((value) => value ?? 0),
        observation: text,
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
  history: z
    .array(z.looseObject({ role: z.string(), content: Content }))
    .nullish()
    .transform((value) => value ?? []),
  info: EpisodeInfo.nullish().transform((value): z.infer<typeof EpisodeInfo> => value ?? {}),
});

/** What a file holds before anything is taken for granted about it. */
export interface TrajectoryFile {
  trajectory: z.infer<typeof AnyTrajectory>;
  /** Keys of the first step in the order in which they were written: that is how writers and their versions differ. */
  stepKeys: readonly string[];
}

/**
 * Reads the contents of a `.traj` file of MLGym, of SWE-agent 0.7 or 1, or of ours. What a writer leaves out is empty.
 * @param file that messages name
 * @throws TrajectoryError
 */
export function parseTrajectory(contents: string, file: string): TrajectoryFile {
  const json = plainJson(contents);
  if (json === undefined) throw new TrajectoryError(`${file} is no trajectory: it is not JSON.`);
  const read = AnyTrajectory.safeParse(json);
  if (!read.success) throw TrajectoryError.of(file, read.error);
  const first = (json as { trajectory?: unknown[] | null }).trajectory?.[0];
  return { trajectory: read.data, stepKeys: Object.keys(first ?? {}) };
}

/** Metrics may be NaN, which only Python writes. */
function plainJson(contents: string): unknown {
  try {
    return JSON.parse(contents);
  } catch {
    const value = parsePythonJson(contents);
    return value === undefined ? undefined : toPlain(value);
  }
}
