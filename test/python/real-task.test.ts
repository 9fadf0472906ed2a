import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startCli } from '../cli/run-cli.js';
import { CLIENTS, PythonClient } from './python-clients.js';

const TOKEN = 'correct-horse-battery';
const SOLVE = fileURLToPath(new URL('./solve.py', import.meta.url));
const SOLUTION = fileURLToPath(new URL('../../packs/reference/solutions/breast-cancer.json', import.meta.url));

it.each([
  ['local', CLIENTS],
  ['docker', CLIENTS.slice(-1)],
])(
  'unmodified Python clients solve a task in %s sandboxes and get the reward of its evaluator [C4] [R2]',
  async (backend, names) => {
    const env = { GYMSMITH_TOKEN: TOKEN, GYMSMITH_LOG_LEVEL: 'error' };
    const server = startCli(['serve', '--port', '0', '--backend', backend, '--warm', '1'], { env });
    const ended = once(server, 'close');
    let address = '';
    for await (const line of createInterface(server.stdout)) {
      address ||= /ws:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
      if (line === 'ready') break;
    }
    try {
      for (const name of names) {
        const client = await PythonClient.install(name);
        const { stdout, stderr } = await client.run(SOLVE, address.replace('//', `//any:${TOKEN}@`), SOLUTION);
        if (!stdout.startsWith('{')) throw new Error(stderr);
        const last = JSON.parse(stdout);
        expect(last).toMatchObject({
          done: true,
          info: { exit_status: 'submitted', valid: true },
          state: { terminated: true },
        });
        expect(last.reward).toBeGreaterThan(0);
        expect(last.info.score).toBeGreaterThan(last.info.baseline);
      }
    } finally {
      server.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
  },
  600_000,
);
