import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HubStandIn, type HubStandInOptions } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { temporaryDirectory, writeDataset } from '../rollout/pushed-dataset.js';
import { runCli, startCli } from './run-cli.js';

const TOKEN = 'hf_secret_of_ada';
const REPO = 'ada/pears';
const SHARDS = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`data/train-${index}.jsonl`, 3000 + index]));

async function standIn(options: HubStandInOptions = {}): Promise<HubStandIn> {
  const hub = await HubStandIn.listen({ accounts: [{ token: TOKEN, user: 'ada', role: 'write' }], ...options });
  onTestFinished(() => hub.close());
  return hub;
}

async function dataset(): Promise<string> {
  const directory = await temporaryDirectory();
  await writeDataset(directory, SHARDS);
  return directory;
}

function environment(hub: HubStandIn, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const none = { HF_HUB_OFFLINE: '', HTTP_PROXY: '', HTTPS_PROXY: '', http_proxy: '', https_proxy: '' };
  return { ...none, HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN, ...more };
}

describe('gymsmith dataset push [T5]', () => {
  it('says what it would do, does it, and says that it is done', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const env = environment(hub);
    const dry = await runCli(['dataset', 'push', directory, '--repo', REPO, '--dry-run'], { env });
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ada\/pears, private.*would be sent.*Nothing was changed/s),
    });
    const done = await runCli(['dataset', 'push', directory, '--repo', REPO], { env });
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('datasets.load_dataset("ada/pears")') });
    const again = await runCli(['dataset', 'push', directory, '--repo', REPO, '--public', '--json'], { env });
    expect(JSON.parse(again.stdout)).toMatchObject({
      repo: REPO,
      visibility: 'private',
      commit: hub.repo('dataset', REPO)?.at('main')?.sha,
      sent_bytes: 0,
      commits: 0,
    });
    for (const { stdout, stderr } of [dry, done, again]) expect(stdout + stderr).not.toContain(TOKEN);
  });

  it('names what is missing or wrong, and how to mend it', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const push = (args: string[], more: NodeJS.ProcessEnv = {}) =>
      runCli(['dataset', 'push', directory, ...args], { env: environment(hub, more) });
    const named = ['--repo', REPO];
    expect(await push(named, { HF_TOKEN: '' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('HF_TOKEN is not set'),
    });
    expect(await push(named, { HF_HUB_OFFLINE: '1' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('HF_HUB_OFFLINE'),
    });
    expect(await push(named, { HF_TOKEN: 'hf_stranger' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not know HF_TOKEN'),
    });
    expect(await push(['--repo', 'pears'])).toMatchObject({ code: 2, stderr: expect.stringContaining('owner/name') });
    expect(await push([...named, '--max-commit-bytes', '0'])).toMatchObject({ code: 2 });
    expect(await push([...named, '--branch', 'a..b'])).toMatchObject({ code: 2 });
    expect(hub.repo('dataset', REPO)).toBeNull();
  });

  it('goes over a proxy where one is named', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    let tunnels = 0;
    const proxy = createServer().on('connect', (_request, near) => {
      tunnels++;
      const far = connect(hub.port, '127.0.0.1', () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
      far.on('error', () => near.destroy());
      near.on('error', () => far.destroy());
      near.pipe(far).pipe(near);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => void proxy.close());
    const http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const env = environment(hub, { http_proxy, HF_ENDPOINT: 'http://hub.invalid', NO_PROXY: 'none', no_proxy: 'none' });
    const done = await runCli(['dataset', 'push', directory, '--repo', REPO], { env });
    expect(done.code, done.stderr).toBe(0);
    expect(tunnels).toBeGreaterThan(0);
    expect(hub.uploads).toHaveLength(9);
  });

  it('killed at any point, goes on: the same tree, and no shard sent again', async () => {
    const directory = await dataset();
    const reference = await standIn();
    const args = ['dataset', 'push', directory, '--repo', REPO, '--max-commit-bytes', '7K'];
    const whole = await runCli(args, { env: environment(reference) });
    expect(whole.code, whole.stderr).toBe(0);
    const tree = (hub: HubStandIn) =>
      [...(hub.repo('dataset', REPO)?.at('main')?.files.values() ?? [])].map(({ path, oid }) => [path, oid]);
    let kill = (): void => undefined;
    let left = 0;
    const hub = await standIn({
      onRequest: () => {
        if (--left === 0) kill();
      },
    });
    let code: number | null = null;
    let starts = 0;
    for (; code === null && starts < 40; starts++) {
      const child = startCli(args, { env: environment(hub) });
      child.stdin.end();
      // The first ones are killed early and late by turns, the later ones come further and further.
      left = 3 + ((starts * 7) % 17) + starts;
      kill = () => child.kill('SIGKILL');
      [code] = (await once(child, 'close')) as [number | null];
      // Readers see nothing, or the whole dataset.
      expect([0, 1, tree(reference).length]).toContain(tree(hub).length);
    }
    expect(code).toBe(0);
    expect(starts).toBeGreaterThan(4);
    expect(tree(hub)).toEqual(tree(reference));
    expect(hub.repo('dataset', REPO)?.heads).toEqual(['main']);
    const sent = hub.uploads.map(({ oid }) => oid);
    expect(sent).toHaveLength(9);
    expect(new Set(sent).size).toBe(9);
  }, 300_000);
});
