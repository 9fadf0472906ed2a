import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { Ledger } from '../../src/store/ledger.js';

const ATTEMPTS = 6000;
const KILLS = 8;

/** Lets a process work on a ledger and kills it after a while. @returns whole lines that it said, and whether it came to its end */
async function work(file: string, killAfterMs: number | null): Promise<{ lines: string[]; hasEnded: boolean }> {
  const program = path.join(import.meta.dirname, 'ledger-writer.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, file, String(ATTEMPTS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const closed = new Promise((resolve) => child.once('close', resolve));
  const begun = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      resolve();
    });
  });
  await Promise.race([begun, closed]);
  if (killAfterMs !== null) {
    await Promise.race([delay(killAfterMs), closed]);
    child.kill('SIGKILL');
  }
  await closed;
  const lines = text.split('\n').slice(0, -1);
  return { lines, hasEnded: lines.at(-1) === 'end' };
}

it('has all that it said after a kill at any moment, nothing half, and nothing twice [T1]', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-ledger-kill-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const file = path.join(root, 'ledger.sqlite');
  const done: string[] = [];
  let lost = 0;
  let begun = 0;
  const waits = [...fc.sample(fc.nat(250), { numRuns: KILLS, seed: 5 }), null];
  for (const wait of waits) {
    const { lines, hasEnded } = await work(file, wait);
    const of = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(' ')[1]!);
    done.push(...of('done'));
    lost += of('lost').length;
    begun += of('begun').length;
    const ledger = Ledger.open(file);
    const counts = ledger.counts();
    // What was committed last may have been killed before it was said.
    expect(counts.done - done.length).toBeGreaterThanOrEqual(0);
    expect(counts.done - done.length).toBeLessThanOrEqual(1);
    for (const id of done.slice(-200)) expect(ledger.attempt(id)).toMatchObject({ state: 'done' });
    if (counts.done > done.length) {
      const known = new Set(done);
      done.push([...ledger.attempts({ state: 'done' })].find(({ id }) => !known.has(id))!.id);
    }
    expect(counts.running).toBeLessThanOrEqual(1);
    expect(ledger.leftRunning()).toHaveLength(counts.running);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(ATTEMPTS);
    const spent = ledger.spent();
    ledger.close();
    expect(spent.calls).toBeGreaterThanOrEqual(done.length + lost);
    if (hasEnded) expect(counts).toEqual({ open: 0, running: 0, done: ATTEMPTS, failed: 0 });
  }
  expect(new Set(done).size).toBe(ATTEMPTS);
  expect(done).toHaveLength(ATTEMPTS);
  expect(begun).toBeGreaterThanOrEqual(ATTEMPTS - KILLS);
});
