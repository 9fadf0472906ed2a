import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSessionStore } from '../../src/server/sessions/file-session-store.js';
import { MemorySessionStore } from '../../src/server/sessions/memory-session-store.js';
import type { SessionRecord, SessionStore } from '../../src/server/sessions/session-store.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { eventually, Harness } from './harness.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-sessions-'));
});
afterEach(() => rm(directory, { recursive: true }));

const record = (id: string): SessionRecord => ({
  version: 1,
  id,
  profile: 'native',
  created_at: '2026-01-01T00:00:00Z',
  episodes: [{ episode_id: 'e', params: { task: 'bench/echo-v1' } }],
  replies: [],
  pending: [],
});
const begun = { op: 'begun', id: 'r', fingerprint: 'f', method: 'step', episode_id: 'e' } as const;
const answered = { op: 'answered', id: 'r', fingerprint: 'f', message: { text: 'x'.repeat(2 ** 20) } } as const;

describe('the file store', () => {
  it('keeps a session in one file that only its owner reads, and forgets it', async () => {
    const deep = path.join(directory, 'deep');
    const store = new FileSessionStore(deep);
    const journal = store.open(() => record('a'));
    const [name] = await readdir(deep);
    expect((await stat(path.join(deep, name!))).mode & 0o777).toBe(0o600);
    expect(await store.load()).toEqual([record('a')]);
    journal.end();
    journal.end();
    journal.write(begun);
    expect(await readdir(deep)).toEqual([]);
    expect(await store.load()).toEqual([]);
  });

  it('returns what its changes amount to', async () => {
    const store = new FileSessionStore(directory);
    const journal = store.open(() => record('a'));
    journal.write(begun);
    journal.write({ ...begun, id: 's' });
    journal.write({ op: 'answered', id: 'r', fingerprint: 'f', message: 1 });
    journal.write({ op: 'answered', id: 's', fingerprint: 'f', message: 2 });
    journal.write({ ...begun, id: 't' });
    journal.write({ op: 'dropped', ids: ['r'] });
    journal.write({ op: 'episode_gone', episode_id: 'e' });
    journal.write({ op: 'episode', episode_id: 'new', params: { task: 'bench/echo-v1', seed: 3 } });
    expect(await store.load()).toEqual([
      {
        ...record('a'),
        episodes: [{ episode_id: 'new', params: { task: 'bench/echo-v1', seed: 3 } }],
        replies: [{ id: 's', fingerprint: 'f', message: 2 }],
        pending: [{ id: 't', fingerprint: 'f', method: 'step', episode_id: 'e' }],
      },
    ]);
    journal.end();
  });

  it('begins anew before its file grows without end', async () => {
    const store = new FileSessionStore(directory);
    const journal = store.open(() => record('a'));
    for (let count = 0; count < 30; count += 1) journal.write(answered);
    expect((await stat(path.join(directory, 'a.session.jsonl'))).size).toBeLessThan(10 * 2 ** 20);
    journal.end();
  });

  it('leaves out what is no record, and lines that were torn [B1]', async () => {
    const store = new FileSessionStore(directory);
    store.open(() => record('good')).write(begun);
    await appendFile(path.join(directory, 'good.session.jsonl'), '\n{"op":"answered","id":"r","finger');
    await writeFile(path.join(directory, 'torn.session.jsonl'), '{"op":"record","rec');
    await writeFile(
      path.join(directory, 'future.session.jsonl'),
      JSON.stringify({ op: 'record', record: { version: 2 } }),
    );
    await writeFile(path.join(directory, 'other.session.jsonl.new'), '');
    const { op: _op, ...pending } = begun;
    expect(await store.load()).toEqual([{ ...record('good'), pending: [pending] }]);
    expect(await new FileSessionStore(path.join(directory, 'none')).load()).toEqual([]);
  });

  it('lets the server go on when it cannot be written', async () => {
    await writeFile(path.join(directory, 'file'), '');
    const harness = await Harness.start('memory', { store: new FileSessionStore(path.join(directory, 'file')) });
    const peer = await harness.native();
    expect((await peer.step(await peer.reset(), 'on')).observation.text).toBe('on');
    await harness.stop();
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

  it('keeps nothing of a reset that was running when the server was killed, and says that it may be repeated [B4]', async () => {
    const shared = { store: store(), catalogue: catalogue() };
    const before = await Harness.start('memory', shared);
    const first = await before.native();
    shared.catalogue.resetGate = new Promise(() => {});
    first.request('reset', { task: 'bench/echo-v1', episode_id: 'mine' }, 'reset');
    await eventually(() => shared.catalogue.journal.open === 1);

    const after = await Harness.start('memory', shared);
    const second = await after.connect();
    expect(await second.hello(first.token)).toMatchObject({ resumed: true, episodes: [] });
    expect(await second.answer('reset')).toMatchObject({
      error: { code: 'sandbox_unavailable', retryable: true, data: { restarted: true } },
    });
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
