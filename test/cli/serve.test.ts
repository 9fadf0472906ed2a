import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { runCli, startCli } from './run-cli.js';

const TOKEN = 'correct-horse-battery';

it.each(['docker', 'local'])(
  'serves the reference tasks from %s sandboxes until it is told to stop [C4]',
  async (backend) => {
    const env = { GYMSMITH_TOKEN: TOKEN, GYMSMITH_LOG_LEVEL: 'error' };
    const server = startCli(['serve', '--port', '0', '--backend', backend, '--warm', '0'], { env });
    const ended = once(server, 'close');
    const lines: string[] = [];
    for await (const line of createInterface(server.stdout)) {
      lines.push(line);
      if (line === 'ready') break;
    }
    const text = lines.join('\n');
    expect(text).toMatch(new RegExp(`^backend +${backend}: .*\\(as asked\\)`, 'm'));
    expect(text).toMatch(/^tasks +9 from packs\/reference$/m);
    expect(text).toMatch(/^guard +a token$/m);
    const address = /ws:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '';
    await expect(EnvClient.connect(address)).rejects.toMatchObject({ code: 'unauthorized' });
    const client = await EnvClient.connect(address, { token: TOKEN });
    const episode = await client.reset('reference/breast-cancer');
    expect((await episode.bash('echo $((6 * 7))')).observation.text.trim()).toBe('42');
    await client.close();
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
);

it('says that its port is taken, and gives back what it had opened [B1]', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  const run = await runCli(['serve', '--port', `${port}`, '--backend', 'local']);
  squatter.close();
  expect(run.stderr).toBe(
    `error: Port ${port} of 127.0.0.1 is in use. Choose another: --port (GYMSMITH_PORT), 0 for any.\n`,
  );
  expect(run.code).toBe(1);
});

it('does not serve without a task, and says what is wrong with the pack [B1]', async () => {
  const run = await runCli(['serve', '--port', '0', '--backend', 'local', '--pack', '/nowhere']);
  expect(run.stdout).toContain('/nowhere is no task pack');
  expect(run.stderr).toContain('There is no task to serve.');
  expect(run.code).toBe(1);
});

it.each(['GYMSMITH_STATE_DIR', 'GYMSMITH_RUN_DIR'])(
  'names a directory of %s that cannot be used [B1]',
  async (variable) => {
    const run = await runCli(['serve', '--port', '0'], { env: { [variable]: '/etc/hostname' } });
    expect(run.stderr).toMatch(/^error: \/etc\/hostname cannot be used: /);
    expect(run.stderr).toContain(`export ${variable}=`);
    expect([run.code, run.stdout]).toEqual([1, '']);
  },
);

it('says what each backend lacks when none works [B1]', async () => {
  const env = { DOCKER_HOST: 'unix:///nowhere.sock', GYMSMITH_ROOTFS: '/nowhere' };
  const run = await runCli(['serve', '--port', '0'], { env });
  expect(run.stderr).toMatch(/No sandbox can be made here\.\n {2}docker: .*\n {2}local: /);
  expect(run.stderr).toContain('gymsmith doctor');
  expect(run.code).toBe(1);
});
