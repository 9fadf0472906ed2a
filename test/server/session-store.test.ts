import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSessionStore } from '../../src/server/file-session-store.js';
import { MemorySessionStore } from '../../src/server/memory-session-store.js';
import type { SessionRecord, SessionStore } from '../../src/server/session-store.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { eventually, Harness } from './harness.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-sessions-'));
});
afterEach(() => rm(directory, { recursive: true }));

const record = (id: string, replies = 0): SessionRecord => ({
  version: 1,
  id,
  profile: 'native',
  created_at: '2026-01-01T00:00:00Z',
  episodes: [{ episode_id: 'e', params: { task: 'bench/echo-v1' } }],
  replies: Array.from({ length: replies }, (_, index) => ({ id: `${index}`, fingerprint: 'f', message: {} })),
  pending: [],
});

describe('the file store', () => {
  it('keeps a session in one file that only its owner reads, and forgets it', async () => {
    const store = new FileSessionStore(path.join(directory, 'deep'));
    await store.save(record('a'));
    const [name] = await readdir(path.join(directory, 'deep'));
    expect((await stat(path.join(directory, 'deep', name!))).mode & 0o777).toBe(0o600);
    expect(await store.load()).toEqual([record('a')]);
    await store.delete('a');
    await store.delete('a');
    expect(await store.load()).toEqual([]);
  });

  it('ends with the last of many writes', async () => {
    const store = new FileSessionStore(directory);
    await Promise.all(Array.from({ length: 30 }, (_, index) => store.save(record('a', index))));
    expect((await store.load())[0]!.replies).toHaveLength(29);
  });

  it('leaves out what is no record [B1]', async () => {
    const store = new FileSessionStore(directory);
    await store.save(record('good'));
    await writeFile(path.join(directory, 'torn.session.json'), '{"version":1,"id":');
    await writeFile(path.join(directory, 'future.session.json'), JSON.stringify({ ...record('x'), version: 2 }));
    await writeFile(path.join(directory, 'other.session.json.new'), '');
    expect(await store.load()).toEqual([record('good')]);
    expect(await new FileSessionStore(path.join(directory, 'none')).load()).toEqual([]);
  });
});

describe.each(['memory', 'file'] as const)('a restart of the server with a %s store', (kind) => {
  const catalogue = () => new KeepingCatalogue();
  const store = (): SessionStore => (kind === 'memory' ? new MemorySessionStore() : new FileSessionStore(directory));

  it('keeps sessions, episodes and replies that were not acknowledged [B4]', async () => {
    const shared = { store: store(), catalogue: catalogue() };
    const before = await Harness.start('memory', shared);
    const first = await before.native();
    await first.reset('mine', 'reset');
    await first.call('step', { episode_id: 'mine', action: 'one' }, 'one');
    first.send({ type: 'ack', ids: ['reset'] });
    await first.call('list_tasks', {}, 'last');

    const after = await Harness.start('memory', shared);
    const second = await after.connect();
    expect(await second.hello(first.token)).toMatchObject({
      resumed: true,
      episodes: ['mine'],
      session_token: first.token,
    });
    expect(await second.answer('one')).toMatchObject({ result: { observation: { text: 'one' } } });
    await second.call('step', { episode_id: 'mine', action: 'one' }, 'one');
    expect(shared.catalogue.journal.actions).toHaveLength(1);
    expect((await second.step('mine', 'two')).observation.step).toBe(2);
    await after.stop();
    expect(await shared.store.load()).toEqual([]);
  });

  it('runs no request twice that was running when the server was killed [B4]', async () => {
    const shared = { store: store(), catalogue: catalogue() };
    const before = await Harness.start('memory', shared);
    const first = await before.native();
    await first.reset('mine');
    const params = { episode_id: 'mine', action: 'block' };
    first.request('step', params, 'step');
    await eventually(() => shared.catalogue.journal.actions.length === 1);

    const after = await Harness.start('memory', shared);
    const second = await after.native('json', first.token);
    expect(await second.answer('step')).toMatchObject({ error: { code: 'internal', data: { restarted: true } } });
    expect(await second.errorOf('step', params, 'step')).toBe('internal');
    expect(shared.catalogue.journal.actions).toHaveLength(1);
    await after.stop();
    await before.stop();
  });

  it('ends what nobody takes up', async () => {
    const shared = { store: store(), catalogue: catalogue() };
    const before = await Harness.start('memory', shared);
    await (await before.native()).reset('mine');
    const after = await Harness.start('memory', { ...shared, limits: { sessionGraceMs: 10 } });
    await eventually(() => after.app.context.sessions.size === 0);
    await after.app.close();
    expect(shared.catalogue.journal.open).toBe(0);
    expect(await shared.store.load()).toEqual([]);
  });

  it('lets an OpenEnv client take up its episode', async () => {
    const shared = { store: store(), catalogue: catalogue() };
    const before = await Harness.start('memory', shared);
    const first = await before.openEnv();
    await first.reset({ episode_id: 'mine' });
    await first.step({ command: 'one' });

    const after = await Harness.start('memory', shared);
    const second = await after.openEnv();
    const resumed = await second.reset({ episode_id: 'mine', resume: true });
    expect(resumed.data.observation).toMatchObject({ step: 2, text: 'wait' });
    expect(await second.step({ command: 'two' })).toMatchObject({ data: { observation: { text: 'two' } } });
    await after.stop();
  });
});

/** Envs that outlive the server, as those in sandboxes do. */
class KeepingCatalogue extends EchoCatalogue {
  private readonly kept = new Map<string, ReturnType<EchoCatalogue['create']>>();

  override create(...args: Parameters<EchoCatalogue['create']>) {
    const env = super.create(...args);
    this.kept.set(args[0], env);
    return env;
  }

  async restore(episodeId: string) {
    return this.kept.get(episodeId) ?? null;
  }
}
