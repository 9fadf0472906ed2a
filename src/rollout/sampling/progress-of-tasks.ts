import type { AttemptState } from '../../store/attempt.js';
import type { Ledger } from '../../store/ledger.js';
import type { TaskProgress } from './sampler-snapshot.js';

/** How attempts stand, task by task, and for all: read once, then kept up with what happens. */
export class ProgressOfTasks {
  readonly #tasks = new Map<string, TaskProgress>();

  constructor({ database }: Ledger) {
    const states = database.rows<{ task: string; state: AttemptState; attempts: number }>(
      'SELECT task, state, count(*) AS attempts FROM attempts GROUP BY task, state ORDER BY min(place)',
    );
    for (const { task, state, attempts } of states) {
      const progress = this.#of(task);
      progress[state] += attempts;
      progress.attempts += attempts;
    }
    const valid = database.rows<{ task: string; valid: number }>(
      'SELECT task, count(*) AS valid FROM outcomes WHERE valid > 0 GROUP BY task',
    );
    for (const row of valid) this.#of(row.task).valid = row.valid;
    const faults = database.rows<{ task: string; faults: number }>(
      `SELECT task, count(*) AS faults FROM tries JOIN attempts USING (place) WHERE end IN ('infrastructure', 'endpoint') GROUP BY task`,
    );
    for (const row of faults) this.#of(row.task).faults = row.faults;
  }

  get tasks(): TaskProgress[] {
    return [...this.#tasks.values()].map((progress) => ({ ...progress }));
  }

  moved(task: string, from: AttemptState, to: AttemptState): void {
    const progress = this.#of(task);
    progress[from]--;
    progress[to]++;
  }

  faulted(task: string): void {
    this.#of(task).faults++;
  }

  valid(task: string): void {
    this.#of(task).valid++;
  }

  #of(task: string): TaskProgress {
    let progress = this.#tasks.get(task);
    if (!progress) {
      progress = { task, attempts: 0, open: 0, running: 0, done: 0, failed: 0, valid: 0, faults: 0 };
      this.#tasks.set(task, progress);
    }
    return progress;
  }
}
