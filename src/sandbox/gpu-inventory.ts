import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const QUERY_DEADLINE_MS = 10_000;

/**
 * UUIDs of the GPUs of this machine that may be leased; none when there is no NVIDIA driver.
 * @param only take these and do not ask the driver
 */
export async function listGpus(only: readonly string[] = []): Promise<string[]> {
  if (only.length > 0) return [...only];
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=uuid', '--format=csv,noheader'], {
      timeout: QUERY_DEADLINE_MS,
    });
    return stdout
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('GPU-'));
  } catch {
    return [];
  }
}
