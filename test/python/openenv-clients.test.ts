import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { eventually, Harness } from '../server/harness.js';
import { CLIENTS, PythonClient } from './python-clients.js';

const SCENARIOS = fileURLToPath(new URL('./scenarios.py', import.meta.url));
const TOKEN = 'a-token-for-python';
const first = { text: 'Say something.', running: false, step: 0, reward: null, done: false };

describe.each(CLIENTS)('the unmodified Python client %s', (name) => {
  let servers: Harness[];
  let client: PythonClient;
  let seen: Record<string, unknown>;

  beforeAll(async () => {
    const options = { catalogue: new EchoCatalogue(['bench/echo-v1', 'bench/other-v1']), defaultTask: 'bench/echo-v1' };
    const plain = await Harness.start('socket', options);
    const guarded = await Harness.start('socket', { token: TOKEN });
    const full = await Harness.start('socket', { limits: { maxSessions: 1 } });
    servers = [plain, guarded, full];
    client = await PythonClient.install(name);
    const [plainUrl, guardedUrl, fullUrl] = servers.map(({ listening }) => listening!.url);
    const addresses = { plain: plainUrl, guarded: guardedUrl, full: fullUrl, token: TOKEN };
    const { stdout, stderr } = await client.run(SCENARIOS, JSON.stringify(addresses));
    if (!stdout.startsWith('{')) throw new Error(stderr);
    seen = JSON.parse(stdout);
  }, 600_000);
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('plays an episode to its reward [R2] [C5]', () => {
    expect(seen.asynchronous).toEqual([
      first,
      { ...first, text: 'hello', step: 1 },
      { ...first, text: 'größe 😀', step: 2 },
      { text: 'Exited (submit)', running: false, step: 3, reward: 1, done: true },
    ]);
  });

  it('does so without asyncio', () => {
    expect(seen.synchronous).toEqual([
      first,
      { ...first, text: 'hello', step: 1 },
      1,
      { text: 'Exited (submit)', running: false, step: 2, reward: 1, done: true },
    ]);
  });

  it('chooses a task by its address', () => {
    expect(seen.by_path).toBe('bench/other-v1');
  });

  it('is told what was wrong and goes on [B1]', () => {
    expect(seen.error_then_on).toEqual([
      expect.stringContaining('Reset first'),
      expect.stringContaining('bench/echo-v1'),
      'Say something.',
      expect.stringContaining('command'),
      'fine',
    ]);
  });

  it('never mixes up replies when a step is slow', () => {
    expect(seen.slow_step).toEqual([
      expect.objectContaining({ running: true, reward: null, done: false }),
      expect.objectContaining({ text: 'awake', running: false }),
      expect.objectContaining({ text: 'next' }),
    ]);
  });

  it('has 32 episodes side by side', () => {
    expect(seen.many_at_once).toBe(true);
  });

  it('sends and gets 7 MiB', () => {
    expect(seen.large).toBe(true);
  });

  it('is told that the server is full', () => {
    expect(seen.full).toContain('CAPACITY_REACHED');
  });

  it('shows its token by the address', () => {
    expect(seen.guarded).toEqual(['Say something.', true]);
  });

  it('takes up an episode whose connection broke', () => {
    expect(seen.resumed).toEqual([
      { ...first, text: 'one', step: 1 },
      { text: 'Exited (submit)', running: false, step: 2, reward: 1, done: true },
    ]);
  });

  it('lists and calls tools', () => {
    expect(seen.tools).toMatchObject({ names: expect.arrayContaining(['bash', 'edit', 'submit']), result: 'ls' });
  });

  it('can do without a WebSocket', () => {
    expect(seen.http).toEqual([200, false, 'x']);
  });

  it('leaves nothing on the server', async () => {
    for (const { app, catalogue } of servers) {
      await eventually(() => app.context.sessions.size === 0);
      expect(catalogue.journal.open).toBe(0);
    }
  });

  it('finds in its own validator that every criterion is met', async () => {
    const { stdout, code } = await client.run(
      '-m',
      'openenv.cli',
      'validate',
      '--url',
      servers[0]!.listening!.url,
      '--json',
    );
    const report = JSON.parse(stdout.slice(stdout.indexOf('{')));
    expect(report.criteria.filter(({ passed }: { passed: boolean }) => !passed)).toEqual([]);
    expect([report.criteria.length, report.passed, code]).toEqual([6, true, 0]);
  });
});
