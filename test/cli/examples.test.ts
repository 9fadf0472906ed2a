import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { startCli } from './run-cli.js';

const run = promisify(execFile);
const token = 'correct-horse-battery';

describe.each(['docker', 'local'])('the examples, played in %s sandboxes', (backend) => {
  let server: ReturnType<typeof startCli>;
  let host = '';

  beforeAll(async () => {
    const env = { GYMSMITH_TOKEN: token, GYMSMITH_LOG_LEVEL: 'error' };
    server = startCli(['serve', '--port', '0', '--backend', backend, '--warm', '1'], { env });
    for await (const line of createInterface(server.stdout)) {
      host = /ws:\/\/(127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? host;
      if (line === 'ready') break;
    }
  });

  afterAll(async () => {
    const ended = once(server, 'close');
    server.kill('SIGTERM');
    await ended;
  });

  it.each(['play-episode.ts', 'env-pool.ts', 'run-agent.ts'])('%s', async (name) => {
    const env = { ...process.env, GYMSMITH_TOKEN: token };
    const out = await mkdtemp(path.join(tmpdir(), 'gymsmith-example-'));
    onTestFinished(() => rm(out, { recursive: true }));
    const rest = name === 'run-agent.ts' ? [out] : [];
    const args = ['--import', 'tsx', `examples/${name}`, `ws://${host}`, ...rest];
    const { stdout } = await run(process.execPath, args, { cwd: PROJECT_ROOT, env });
    expect(stdout).toMatch(/^ok$/m);
  });

  it('openenv_client.py, with every version of the client that is kept for the tests', async () => {
    const { stdout: listed } = await run('bash', ['scripts/python-venvs.sh'], { cwd: PROJECT_ROOT });
    const clients = listed.trim().split('\n');
    expect(clients.length).toBeGreaterThanOrEqual(2);
    for (const client of clients) {
      const [, python = '', packages] = client.split('\t');
      const args = ['examples/openenv_client.py', `http://user:${token}@${host}`];
      const { stdout } = await run(python, args, { cwd: PROJECT_ROOT, env: { ...process.env, PYTHONPATH: packages } });
      expect(stdout).toMatch(/^ok$/m);
    }
  });
});
