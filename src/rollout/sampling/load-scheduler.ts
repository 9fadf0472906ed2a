import type { Ledger } from '../../store/ledger.js';
import { type NextAttempt, Scheduler } from './scheduler.js';

/** @returns a scheduler of what is open in a ledger, which knows how long played attempts took */
export function loadScheduler(ledger: Ledger): Scheduler {
  const scheduler = new Scheduler();
  for (const { id, task, model: player, gpus, state } of ledger.attempts()) {
    if (state === 'open') scheduler.add({ id, task, player, gpus });
    else scheduler.addPlayed({ task });
  }
  scheduler.ready();
  const means = ledger.database.rows<NextAttempt & { count: number; seconds: number }>(
    `SELECT attempts.task AS task, attempts.model AS player, gpus, count(*) AS count, sum(seconds) AS seconds
     FROM outcomes JOIN attempts USING (place) GROUP BY attempts.task, attempts.model, gpus`,
  );
  for (const { count, seconds, ...group } of means) scheduler.took(group, seconds, count);
  return scheduler;
}
