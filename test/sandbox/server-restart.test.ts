import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { Owners } from '../../src/files/owners.js';
import { Janitor } from '../../src/sandbox/janitor.js';
import { LocalBackend } from '../../src/sandbox/local/local-sandbox.js';
import { localSubject } from './local-subject.js';
import { testRunDir } from './run-dir.js';
import { Shell } from './shell.js';

const runDir = testRunDir('restart');

afterAll(() => rm(runDir, { recursive: true, force: true }));

/** Runs a server until it has a sandbox whose command runs, and kills it as no shutdown can foresee. */
async function killServer(): Promise<{ id: string; owner: string }> {
  const script = path.join(import.meta.dirname, 'doomed-server.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, runDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('exit', () => reject(new Error('the server ended by itself')));
  });
  child.removeAllListeners('exit');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return JSON.parse(said) as { id: string; owner: string };
}

describe('a server that was killed', () => {
  it('finds its sandbox again when it is started again, with the command that ran meanwhile, and removes the rest [B4]', async () => {
    const before = await killServer();
    const owners = new Owners(runDir);
    const owner = await owners.claim('server');
    expect(owner.id).toBe(before.owner);
    const backend = new LocalBackend({ rootfs: readConfig().rootfs, runDir });
    const records = await backend.list({ owner: owner.id });
    expect(records.length).toBeGreaterThanOrEqual(2);

    const sandbox = await backend.adopt(before.id);
    const result = await sandbox.attach('running', { timeoutMs: 20_000 });
    expect(Buffer.from(result.output).toString()).toBe('begun\ndone\n');
    expect(await new Shell(sandbox).text('echo $left')).toBe('behind\n');

    const janitor = new Janitor({ backends: [backend], owners, owner });
    const removed = await janitor.sweep();
    expect(removed.sort()).toEqual(
      records
        .map((record) => record.id)
        .filter((id) => id !== before.id)
        .sort(),
    );
    for (const id of removed) expect(await localSubject(runDir).leftovers(id)).toEqual([]);
    expect(await new Shell(sandbox).text('echo spared')).toBe('spared\n');
    await sandbox.destroy();
    await janitor.close();
    await owner.release();
    await backend.close();
  });

  it('has its sandboxes removed by another server after a while [B4]', async () => {
    const before = await killServer();
    const owners = new Owners(runDir);
    const owner = await owners.claim('another');
    const backend = new LocalBackend({ rootfs: readConfig().rootfs, runDir });
    const patient = new Janitor({ backends: [backend], owners, owner });
    expect(await patient.sweep()).toEqual([]);
    const strict = new Janitor({ backends: [backend], owners, owner, graceMs: 0 });
    expect(await strict.sweep()).toContain(before.id);
    expect(await backend.list({})).toEqual([]);
    await Promise.all([patient.close(), strict.close()]);
    await owner.release();
    await backend.close();
  });
});
