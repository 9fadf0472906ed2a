import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { killAll } from '../../src/sandbox/local/local-process.js';
import { localPaths } from '../../src/sandbox/local/local-record.js';
import { LocalBackend } from '../../src/sandbox/local/local-sandbox.js';
import { localSubject } from './local-subject.js';
import { testRunDir } from './run-dir.js';
import { toySpec } from './toy-backend.js';

const runDir = testRunDir('removal');
const resources = { cpus: 1, memoryBytes: 2 ** 28, diskBytes: 2 ** 26, pids: 64, gpus: [] };

afterAll(() => rm(runDir, { recursive: true, force: true }));

it('a removal that fails never rejects, and leaves the record by which the sandbox is removed later [B4]', async () => {
  const backend = new LocalBackend({ rootfs: readConfig().rootfs, runDir });
  const sandbox = await backend.create({ ...toySpec('gymsmith/cpu'), resources });
  const { info } = localPaths(path.join(runDir, 'local'), sandbox.id);
  // What is in the place of the file cannot be read: that says nothing about the processes of the sandbox.
  await rename(info, `${info}.away`);
  await mkdir(info);
  await sandbox.destroy();
  expect((await backend.list({})).map(({ id }) => id)).toEqual([sandbox.id]);
  await rmdir(info);
  await rename(`${info}.away`, info);
  await backend.close();
  expect(await localSubject(runDir).leftovers(sandbox.id)).toEqual([]);
});

it('processes that are born while others are killed are killed too [B4]', async () => {
  const [parent, child] = [spawn('sleep', ['600']), spawn('sleep', ['600'])];
  const ends = Promise.all([once(parent, 'exit'), once(child, 'exit')]);
  const looks = [[parent.pid!], [child.pid!], []];
  expect(await killAll(async () => looks.shift() ?? [])).toBe(true);
  expect(await ends).toEqual([
    [null, 'SIGKILL'],
    [null, 'SIGKILL'],
  ]);
});

it('what a killed server was making is swept by its next life at once, and that of others after a grace [B4]', async () => {
  const backend = new LocalBackend({ rootfs: readConfig().rootfs, runDir });
  const place = path.join(runDir, 'local');
  for (const name of ['.making-m.one~sb-1', '.making-m.two~sb-2'])
    await mkdir(path.join(place, name), { recursive: true });
  const made = async () => (await readdir(place)).filter((name) => name.startsWith('.making-'));
  await backend.sweep(Date.now() - 60_000, { owner: 'm.one', endedAtMs: Date.now() + 1000 });
  expect(await made()).toEqual(['.making-m.two~sb-2']);
  await backend.sweep(Date.now() + 1000);
  expect(await made()).toEqual([]);
  await backend.close();
});
