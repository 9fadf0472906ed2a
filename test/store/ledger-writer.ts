import { Ledger } from '../../src/store/ledger.js';
import { attemptsOf, BEGINNING, ENDED_AT, OUTCOME } from './attempts-of.js';

/** Plays attempts of a ledger one after the other, and says of each what it has committed. */
const [file = '', each = ''] = process.argv.slice(2);
const ledger = Ledger.open(file);
ledger.plan(attemptsOf(1, Number(each)));
for (const { attempt, number } of ledger.leftRunning()) {
  ledger.endTry(attempt, number, { end: 'lost', ended_at: ENDED_AT, spent: { calls: 1 } }, 3);
  process.stdout.write(`lost ${attempt}\n`);
}
for (const { id } of ledger.attempts({ state: 'open' })) {
  const number = ledger.beginTry(id, BEGINNING);
  process.stdout.write(`begun ${id} ${number}\n`);
  const outcome = { ...OUTCOME, steps: number };
  ledger.endTry(id, number, { end: 'result', ended_at: ENDED_AT, outcome, spent: { calls: 1 } }, 3);
  process.stdout.write(`done ${id}\n`);
}
ledger.close();
process.stdout.write('end\n');
