import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readConfig } from '../../src/config.js';
import { startCli } from './run-cli.js';

/**
 * Starts `gymsmith serve` with its durable state below a directory, and waits until it is ready. Started again with the same
 * directory and port it is the server that it was before.
 */
export async function startDurableServer(
  directory: string,
  port: number,
  flags: readonly string[],
): Promise<ChildProcessWithoutNullStreams> {
  const env = {
    GYMSMITH_STATE_DIR: path.join(directory, 'state'),
    GYMSMITH_RUN_DIR: path.join(directory, 'run'),
    GYMSMITH_ROOTFS: readConfig().rootfs,
    GYMSMITH_LOG_LEVEL: 'silent',
  };
  const server = startCli(['serve', '--port', `${port}`, ...flags], { env });
  for await (const line of createInterface(server.stdout)) if (line === 'ready') return server;
  throw new Error('the server did not start');
}
