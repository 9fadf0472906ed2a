import { SandboxError } from '../../src/sandbox/sandbox.js';

/** The code of the SandboxError that some work ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof SandboxError ? error.code : `not a SandboxError: ${error}`),
  );
}
