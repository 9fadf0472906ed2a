import type { z } from 'zod';

/** A script or recording that cannot be used; the message names the file and every fault. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';

  /** @param kind what the file is not, such as `no trajectory` */
  static of(file: string, kind: string, error: z.ZodError): ModelFileError {
    const faults = error.issues
      .slice(0, 20)
      .map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
    return new ModelFileError(`${file} is ${kind}:\n${faults.join('\n')}`);
  }
}
