import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { EnvClient, reloadTasks } from '../../src/client/index.js';
import { TestServer } from '../../src/testing/index.js';
import { pearFiles, SIDECAR, TASK_YAML, writeFiles } from '../env/pack-fixture.js';
import { runCli, startCli } from './run-cli.js';

const TOKEN = 'correct-horse-battery';

function plumFiles(): Record<string, string> {
  return {
    'configs/tasks/plums.yaml': TASK_YAML.replace('id: pears', 'id: plums'),
    'gymsmith/plums.json': JSON.stringify({ ...SIDECAR, env_id: 'fruit/plums-v1' }),
  };
}

it('a running server offers a task that was added to its pack, and running episodes go on [S8 B1]', async () => {
  const pack = await writeFiles(pearFiles());
  const env = { GYMSMITH_TOKEN: TOKEN, GYMSMITH_LOG_LEVEL: 'error' };
  const flags = ['serve', '--port', '0', '--backend', 'local', '--warm', '0', '--pack', pack];
  const server = startCli(flags, { env });
  const ended = once(server, 'close');
  let address = '';
  for await (const line of createInterface(server.stdout)) {
    address = /ws:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? address;
    if (line === 'ready') break;
  }
  const client = await EnvClient.connect(address, { token: TOKEN });
  const episode = await client.reset('fruit/pears');
  await episode.bash('echo kept > note.txt');
  await writeFiles(plumFiles(), pack);

  await expect(reloadTasks(address)).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(client.describeTask('fruit/plums')).rejects.toMatchObject({ code: 'unknown_task' });

  const told = await runCli(['tasks', 'reload', '--url', address], { env });
  expect(told).toMatchObject({ code: 0, stdout: 'new      fruit/plums-v1\n', stderr: '' });
  expect(await client.describeTask('fruit/plums')).toMatchObject({ task: 'fruit/plums-v1' });
  expect((await episode.bash('cat note.txt')).observation.text.trim()).toBe('kept');
  expect((await runCli(['tasks', 'reload', '--url', address], { env })).stdout).toBe('No task came or went.\n');

  await writeFiles({ 'data/pears/baseline.py': 'print("another")\n' }, pack);
  await rm(path.join(pack, 'gymsmith/plums.json'));
  const again = await runCli(['tasks', 'reload', '--json', '--url', address.replace('ws', 'http')], { env });
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({
    version: 1,
    removed: ['fruit/plums-v1'],
    changed: ['fruit/pears-v3'],
  });
  expect((await episode.bash('cat note.txt')).observation.text.trim()).toBe('kept');
  await client.close();
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

it('a server whose tasks are fixed says so, and one that is not there is named [B1]', async () => {
  await using server = await TestServer.start({ token: TOKEN });
  const { url } = server;
  await expect(reloadTasks(url, { token: TOKEN })).rejects.toMatchObject({ code: 'unknown_method' });
  await expect(reloadTasks(url.replace('//', `//any:${TOKEN}@`))).rejects.toMatchObject({ code: 'unknown_method' });
  const bare = await fetch(`${url}/v1/tasks/reload`, { method: 'POST' });
  expect(bare.status).toBe(401);
  await server.stop();
  await expect(reloadTasks(url, { token: TOKEN })).rejects.toMatchObject({ code: 'connection_failed' });
  const run = await runCli(['tasks', 'reload', '--url', 'nowhere']);
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).toContain('--url: nowhere is no server address');
});
