import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ledger } from '../../src/store/ledger.js';
import { attemptsOf, BEGINNING, ENDED_AT, OUTCOME } from './attempts-of.js';

/** Fills a disk with a ledger, makes room, and goes on with the same ledger; says as JSON what came of it. */
const [root = ''] = process.argv.slice(2);
const ballast = path.join(root, 'ballast');
const file = path.join(root, 'ledger.sqlite');
const all = attemptsOf(1, 3000);
const ledger = Ledger.open(file);
ledger.plan(all);
writeFileSync(ballast, Buffer.alloc(12_500_000));
const ended = (id: string, number: number) =>
  ledger.endTry(id, number, { end: 'result', ended_at: ENDED_AT, outcome: OUTCOME, spent: { calls: 1 } }, 3);
let fault: unknown = null;
let acknowledged = 0;
let running: [string, number] | null = null;
try {
  for (const { id } of all) {
    running = [id, ledger.beginTry(id, BEGINNING)];
    ended(...running);
    running = null;
    acknowledged++;
  }
} catch (error) {
  fault = { name: (error as Error).name, message: (error as Error).message };
}
const counts = ledger.counts();
const again = (() => {
  try {
    ledger.plan(attemptsOf(1, 20_000));
    return null;
  } catch (error) {
    return (error as Error).name;
  }
})();
rmSync(ballast);
if (counts.running === 1) ended(...running!);
for (const { id } of ledger.attempts({ state: 'open' })) ended(id, ledger.beginTry(id, BEGINNING));
const after = { counts: ledger.counts(), calls: ledger.spent().calls };
ledger.close();
const reopened = Ledger.open(file);
const kept = reopened.counts();
reopened.close();
process.stdout.write(JSON.stringify({ fault, again, acknowledged, counts, after, kept }));
