import { RpcError } from '../../protocol/index.js';
import { SandboxError } from '../../sandbox/sandbox.js';

function wireError(error: unknown, code: 'sandbox_unavailable' | 'evaluation_unavailable', what: string): unknown {
  if (!(error instanceof SandboxError)) return error;
  const exact = error.code === 'resources' ? 'resources_unavailable' : code;
  return new RpcError(exact, `${what}: ${error.message}`, { sandbox_error: error.code }, { cause: error });
}

/**
 * Attributes what a sandbox throws to the sandbox of the agent. @throws RpcError `sandbox_unavailable`,
 * `resources_unavailable`
 */
export async function ofAgent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wireError(error, 'sandbox_unavailable', 'The sandbox of the episode failed');
  }
}

/**
 * Attributes what a sandbox throws to an evaluation. @throws RpcError `evaluation_unavailable`, `resources_unavailable`
 */
export async function ofEvaluation<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wireError(error, 'evaluation_unavailable', 'The sandbox of the evaluation failed');
  }
}
