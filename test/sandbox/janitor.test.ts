import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Owner, Owners } from '../../src/files/owners.js';
import { Janitor } from '../../src/sandbox/janitor.js';
import { ToyBackend } from './toy-backend.js';

let runDir: string;
let owners: Owners;
let mine: Owner;

beforeEach(async () => {
  runDir = await mkdtemp(path.join(tmpdir(), 'gymsmith-owners-'));
  owners = new Owners(runDir);
  mine = await owners.claim('server');
});

afterEach(async () => {
  await mine.release();
  await rm(runDir, { recursive: true, force: true });
});

const ownerFile = (name: string): string => path.join(runDir, 'owners', `${name}.json`);

/** Leaves the file of an owner whose process has ended. */
async function leaveDeadOwner(name: string): Promise<string> {
  const child = spawn('true');
  await new Promise((resolve) => child.once('exit', resolve));
  const record = JSON.parse(await readFile(ownerFile('server'), 'utf8')) as object;
  await writeFile(ownerFile(name), JSON.stringify({ ...record, pid: child.pid, start_ticks: '1' }));
  return mine.id.replace(/server$/, name);
}

describe('owners of sandboxes', () => {
  it('gives a server that is started again the name of before, and a second one another [B4]', async () => {
    const second = await owners.claim('server');
    expect(second.id).toBe(`${mine.id}-2`);
    await mine.release();
    await mine.release();
    const again = await owners.claim('server');
    expect(again.id).toBe(mine.id);
    await Promise.all([second.release(), again.release()]);
  });

  it('gives each of many at once a name of its own [B4]', async () => {
    const claimed = await Promise.all(Array.from({ length: 8 }, () => new Owners(runDir).claim('crowd')));
    expect(new Set(claimed.map((owner) => owner.id)).size).toBe(8);
    await Promise.all(claimed.map((owner) => owner.release()));
    expect(await readdir(path.join(runDir, 'owners'))).toEqual(['server.json']);
  });

  it('takes over from an owner whose process is gone, also when its number came round again [B4]', async () => {
    const dead = await leaveDeadOwner('fallen');
    expect(await owners.stateOf(dead)).toBe('dead');
    const record = JSON.parse(await readFile(ownerFile('server'), 'utf8')) as object;
    await writeFile(ownerFile('reborn'), JSON.stringify({ ...record, start_ticks: '1' }));
    expect(await owners.stateOf(mine.id.replace(/server$/, 'reborn'))).toBe('dead');
    const heir = await owners.claim('fallen');
    expect(heir.id).toBe(dead);
    expect(await owners.stateOf(dead)).toBe('alive');
    await heir.release();
  });

  it('takes over from an owner that was killed and whose parent has not noticed [B4]', async () => {
    const program =
      'import os, time\npid = os.fork()\nif pid == 0: os._exit(0)\nprint(pid, flush=True)\ntime.sleep(600)';
    const parent = spawn('python3', ['-c', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [said] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(said.toString());
      const readStat = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
      await expect.poll(async () => (await readStat())[0]).toBe('Z');
      const record = JSON.parse(await readFile(ownerFile('server'), 'utf8')) as object;
      await writeFile(ownerFile('server'), JSON.stringify({ ...record, pid, start_ticks: (await readStat())[19] }));
      const heir = await owners.claim('server');
      expect(heir.id).toBe(mine.id);
      await heir.release();
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('goes by the heartbeat where processes cannot be looked up [B4]', async () => {
    const record = JSON.parse(await readFile(ownerFile('server'), 'utf8')) as object;
    await writeFile(ownerFile('elsewhere'), JSON.stringify({ ...record, pid_namespace: 'pid:[1]', pid: 1 }));
    const id = mine.id.replace(/server$/, 'elsewhere');
    expect(await owners.stateOf(id)).toBe('alive');
    await utimes(ownerFile('elsewhere'), new Date(0), new Date(0));
    expect(await owners.stateOf(id)).toBe('dead');
  });

  it('does not judge owners of other machines, nor labels that are no owner [B4]', async () => {
    expect(await owners.stateOf('000000000000.server')).toBe('foreign');
    expect(await owners.stateOf('somebody')).toBe('foreign');
    expect(await owners.stateOf('')).toBe('foreign');
  });

  it('refuses names that are no names [B1]', async () => {
    await expect(owners.claim('../etc')).rejects.toThrow('cannot be the name');
  });
});

describe('the janitor', () => {
  const old = Date.now() - 3600_000;

  function janitorOf(backend: ToyBackend, isAwaited?: (id: string) => boolean): Janitor {
    return new Janitor({ backends: [backend], owners, owner: mine, graceMs: 60_000, isAwaited });
  }

  it('removes what its server left in an earlier life and what dead servers left, and nothing else [B4]', async () => {
    const backend = new ToyBackend();
    const dead = await leaveDeadOwner('fallen');
    const other = await owners.claim('other');
    const record = (id: string, owner: string | undefined, createdAtMs = old) => {
      backend.records.push({ id, labels: owner === undefined ? {} : { owner }, createdAtMs });
    };
    record('mine-of-before', mine.id);
    record('mine-being-made', mine.id, Date.now() + 1000);
    record('mine-awaited', mine.id);
    record('of-the-dead', dead);
    record('of-the-dead-but-new', dead, Date.now());
    record('of-another-server', other.id);
    record('of-another-machine', '000000000000.server');
    record('of-nobody', undefined);
    const held = await backend.create({ ...toySpecLike, labels: { owner: mine.id } });
    record(held.id, mine.id);
    const janitor = janitorOf(backend, (id) => id === 'mine-awaited');
    expect((await janitor.sweep()).sort()).toEqual(['mine-of-before', 'of-the-dead']);
    expect(backend.records.map(({ id }) => id)).not.toContain('of-the-dead');
    expect(backend.swept.length).toBe(1);
    await janitor.close();
    await other.release();
  });

  it('survives a backend that fails, and cleans the others [B4]', async () => {
    const broken = new ToyBackend();
    broken.list = () => Promise.reject(new Error('the engine is down'));
    const backend = new ToyBackend();
    backend.records.push({ id: 'left', labels: { owner: mine.id }, createdAtMs: old });
    const janitor = new Janitor({ backends: [broken, backend], owners, owner: mine });
    expect(await janitor.sweep()).toEqual(['left']);
    await janitor.close();
  });

  it('sweeps by itself, again and again, until it is closed [B4]', async () => {
    const backend = new ToyBackend();
    const janitor = new Janitor({ backends: [backend], owners, owner: mine, intervalMs: 5 });
    while (backend.swept.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await janitor.close();
    await janitor.close();
    const count = backend.swept.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(backend.swept.length).toBe(count);
  });
});

const toySpecLike = {
  image: 'a',
  resources: { cpus: 1, memoryBytes: 1, diskBytes: 1, pids: 1, gpus: [] },
  network: 'none' as const,
  mounts: [],
  lifetimeMs: 1000,
};
