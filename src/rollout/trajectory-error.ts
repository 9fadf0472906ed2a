import type { z } from 'zod';

/** A file that cannot be read as a trajectory; the message names it and every fault. */
export class TrajectoryError extends Error {
  override readonly name = 'TrajectoryError';

  static of(file: string, error: z.ZodError): TrajectoryError {
    const faults = error.issues
      .slice(0, 20)
      .map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
    return new TrajectoryError(`${file} is no trajectory:\n${faults.join('\n')}`);
  }
}
