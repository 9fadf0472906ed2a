import type { Spent } from '../run/spent.js';
import { type Attempt, type AttemptState, Outcome } from './attempt.js';
import type { LedgerAttempt } from './ledger-attempt.js';
import { LEDGER_MIGRATIONS } from './ledger-schema.js';
import type { LedgerTry, TryBeginning, TryEnding } from './ledger-try.js';
import { SqliteFile } from './sqlite-file.js';
import { StoreError } from './store-error.js';

const BATCH_ROWS = 1000;
const MAX_MESSAGE_CHARACTERS = 4000;

const ATTEMPT_COLUMNS = 'id, task, model, number, task_hash, seed, gpus, state, tries, faults';
const SPENT_COLUMNS = [
  'usd',
  'input_tokens',
  'output_tokens',
  'calls',
  'unpriced_calls',
  'sandbox_seconds',
  'gpu_hours',
] as const;
const OUTCOME_COLUMNS = Object.keys(Outcome.shape) as (keyof Outcome)[];
const TRY_COLUMNS = `attempts.id AS attempt, tries.number AS number, server, episode_id, started_at, ended_at, end, code, message,
  ${SPENT_COLUMNS.join(', ')}`;

/** Which attempts are meant; what is not named is any. */
export interface AttemptFilter {
  id?: string | undefined;
  state?: AttemptState | undefined;
  /** Env id. */
  task?: string | undefined;
  /** Name of the player. */
  model?: string | undefined;
}

/** A session that a server holds for a run. */
export interface RunSession {
  server: string;
  /** Takes the session up again; it opens nothing else. */
  token: string;
}

/**
 * What is to be played and what came of it. Every attempt is in exactly one state, and every change of one is on disk, whole, when the
 * call that made it returns. One process writes, others may read meanwhile.
 */
export class Ledger {
  private constructor(readonly database: SqliteFile) {}

  /** Opens a ledger for writing, and makes it when it is missing. @throws what `SqliteFile.open` throws */
  static open(file: string): Ledger {
    return new Ledger(SqliteFile.open(file, LEDGER_MIGRATIONS));
  }

  /** Opens a ledger to look at it. @throws what `SqliteFile.readOnly` throws */
  static readOnly(file: string): Ledger {
    return new Ledger(SqliteFile.readOnly(file, LEDGER_MIGRATIONS));
  }

  /** Idempotent, never throws. */
  close(): void {
    this.database.close();
  }

  /**
   * Adds the attempts that are not there yet, all or none.
   * @throws StoreError when one that is there was planned with another task, seed or number of GPUs
   */
  plan(attempts: Iterable<Attempt>): { added: number; kept: number } {
    return this.database.transaction(() => {
      const counts = { added: 0, kept: 0 };
      for (const attempt of attempts) {
        const { id, task, model, number, task_hash, seed, gpus } = attempt;
        const added = this.database.run(
          `INSERT INTO attempts (id, task, model, number, task_hash, seed, gpus) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO NOTHING`,
          ...[id, task, model, number, task_hash, seed, gpus],
        );
        if (added === 1) counts.added++;
        else {
          this.#refuseChange(attempt);
          counts.kept++;
        }
      }
      return counts;
    });
  }

  /** @returns attempts in the order in which they were planned; a state may have changed by the time that its attempt comes up */
  *attempts(filter: AttemptFilter = {}): Generator<LedgerAttempt, void, undefined> {
    const { condition, values } = where(filter);
    const sql = `SELECT place, ${ATTEMPT_COLUMNS} FROM attempts WHERE ${condition} AND place > ? ORDER BY place LIMIT ${BATCH_ROWS}`;
    for (let last = 0; ; ) {
      const rows = this.database.rows<LedgerAttempt & { place: number }>(sql, ...values, last);
      for (const { place, ...attempt } of rows) {
        last = place;
        yield attempt;
      }
      if (rows.length < BATCH_ROWS) return;
    }
  }

  attempt(id: string): LedgerAttempt | undefined {
    return this.database.rows<LedgerAttempt>(`SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE id = ?`, id)[0];
  }

  /** @returns what a played attempt came to; undefined when it has no result */
  outcome(id: string): Outcome | undefined {
    const columns = OUTCOME_COLUMNS.map((name) => `outcomes.${name}`).join(', ');
    const sql = `SELECT ${columns} FROM outcomes JOIN attempts USING (place) WHERE attempts.id = ?`;
    const row = this.database.row<Omit<Outcome, 'improves'> & { improves: number }>(sql, id);
    return row && { ...row, improves: row.improves === 1 };
  }

  /** @returns attempts that are done, with the hash of the trajectory that was recorded, in the order in which they were planned */
  *recorded(): Generator<{ id: string; sha256: string }, void, undefined> {
    const sql = `SELECT place, id, sha256 FROM outcomes JOIN attempts USING (place) WHERE place > ? ORDER BY place LIMIT ${BATCH_ROWS}`;
    for (let last = 0; ; ) {
      const rows = this.database.rows<{ place: number; id: string; sha256: string }>(sql, last);
      for (const { place, ...recorded } of rows) {
        last = place;
        yield recorded;
      }
      if (rows.length < BATCH_ROWS) return;
    }
  }

  /**
   * Takes an open attempt to be played.
   * @returns the number of the try, 1 for the first
   * @throws StoreError when it is not open: nothing is played twice
   */
  beginTry(id: string, beginning: TryBeginning): number {
    return this.database.transaction(() => {
      const { place, tries } = this.#expect(id, 'open');
      this.database.run(`UPDATE attempts SET state = 'running', tries = tries + 1 WHERE place = ?`, place);
      const { server, episode_id, started_at } = beginning;
      this.database.run(
        'INSERT INTO tries (place, number, server, episode_id, started_at) VALUES (?, ?, ?, ?, ?)',
        ...[place, tries + 1, server, episode_id, started_at],
      );
      return tries + 1;
    });
  }

  /**
   * Keeps what a try took so far, so that a kill hides no costs.
   * @throws StoreError, StorageFault
   */
  noteSpent(id: string, number: number, spent: Spent): void {
    const columns = SPENT_COLUMNS.map((name) => `${name} = ?`).join(', ');
    this.database.run(
      `UPDATE tries SET ${columns} WHERE place = (SELECT place FROM attempts WHERE id = ?) AND number = ? AND end IS NULL`,
      ...[...SPENT_COLUMNS.map((name) => spent[name]), id, number],
    );
  }

  /**
   * Says what became of a try that is played.
   * @param mostFaults tries that others' faults may end before the attempt is given up
   * @returns where the attempt stands now
   * @throws StoreError when that try is not being played
   */
  endTry(id: string, number: number, ending: TryEnding, mostFaults: number): Exclude<AttemptState, 'running'> {
    return this.database.transaction(() => {
      const attempt = this.#expect(id, 'running');
      const { place } = attempt;
      if (attempt.tries !== number) throw unfit(this.database.file, `Try ${number} of ${id} is over`);
      const { end, ended_at, episode_id, code, message, spent } = ending;
      this.database.run(
        `UPDATE tries SET end = ?, ended_at = ?, episode_id = coalesce(?, episode_id), code = ?, message = ?,
           ${SPENT_COLUMNS.map((name) => `${name} = coalesce(?, ${name})`).join(', ')} WHERE place = ? AND number = ?`,
        ...[end, ended_at, episode_id, code, message?.slice(0, MAX_MESSAGE_CHARACTERS)],
        ...SPENT_COLUMNS.map((name) => spent[name] ?? null),
        ...[place, number],
      );
      if ((end === 'result') !== (ending.outcome !== undefined)) {
        throw new TypeError(`A try that ends as ${end} ${end === 'result' ? 'needs an outcome' : 'has no outcome'}`);
      }
      if (ending.outcome !== undefined) this.#keepOutcome(attempt, ending.outcome);
      const faults =
        attempt.faults + ((end === 'infrastructure' || end === 'endpoint') && ending.isSpared !== true ? 1 : 0);
      const state = end === 'result' ? 'done' : faults > attempt.faults && faults >= mostFaults ? 'failed' : 'open';
      this.database.run('UPDATE attempts SET state = ?, faults = ? WHERE place = ?', state, faults, place);
      return state;
    });
  }

  /**
   * Takes in a trajectory that is there, of a try that the ledger does not know or holds for running: its process died between the two.
   * @throws StoreError when the attempt is done already
   */
  adopt(id: string, beginning: TryBeginning, ending: TryEnding & { end: 'result' }): void {
    this.database.transaction(() => {
      const attempt = this.attempt(id);
      const number = attempt?.state === 'running' ? attempt.tries : this.beginTry(id, beginning);
      this.endTry(id, number, ending, 1);
    });
  }

  /** @returns tries that an earlier process left, to be taken in or ended as `lost`; those of this process too while it plays */
  leftRunning(): LedgerTry[] {
    return this.database.rows(
      `SELECT ${TRY_COLUMNS} FROM tries JOIN attempts USING (place) WHERE end IS NULL ORDER BY place`,
    );
  }

  /** @returns every try at an attempt, the first one first */
  tries(id: string): LedgerTry[] {
    return this.database.rows(
      `SELECT ${TRY_COLUMNS} FROM tries JOIN attempts USING (place) WHERE attempts.id = ? ORDER BY tries.number`,
      id,
    );
  }

  /** @returns tries that somebody else's fault ended, or nobody finished, the newest first */
  faults(limit: number): LedgerTry[] {
    return this.database.rows(
      `SELECT ${TRY_COLUMNS} FROM tries JOIN attempts USING (place) WHERE end <> 'result' ORDER BY ended_at DESC LIMIT ?`,
      limit,
    );
  }

  /** Gives attempts that were given up all their tries again. @returns how many */
  reopen(filter: Omit<AttemptFilter, 'state'> = {}): number {
    const { condition, values } = where({ ...filter, state: 'failed' });
    return this.database.run(`UPDATE attempts SET state = 'open', faults = 0 WHERE ${condition}`, ...values);
  }

  /** @returns how many attempts are in each state */
  counts(): Record<AttemptState, number> {
    const counts: Record<AttemptState, number> = { open: 0, running: 0, done: 0, failed: 0 };
    const sql = 'SELECT state, count(*) AS attempts FROM attempts GROUP BY state';
    for (const row of this.database.rows<{ state: AttemptState; attempts: number }>(sql))
      counts[row.state] = row.attempts;
    return counts;
  }

  /** @returns what all tries took, those that came to nothing included */
  spent(): Spent {
    const sums = SPENT_COLUMNS.map((name) => `coalesce(sum(${name}), 0) AS ${name}`);
    return this.database.rows<Spent>(`SELECT ${sums.join(', ')} FROM tries`)[0]!;
  }

  /** Remembers a session that a server holds, so that a later process can take it up or end it. */
  rememberSession({ server, token }: RunSession): void {
    this.database.run(
      'INSERT INTO sessions (server, token, opened_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      ...[server, token, new Date().toISOString()],
    );
  }

  /** @returns sessions that are remembered, the oldest first */
  sessions(): RunSession[] {
    return this.database.rows('SELECT server, token FROM sessions ORDER BY opened_at, server, token');
  }

  /** Idempotent. */
  forgetSession({ server, token }: RunSession): void {
    this.database.run('DELETE FROM sessions WHERE server = ? AND token = ?', server, token);
  }

  /** Notes that a process works on the run. @returns its number, for `processSeen` */
  beginProcess(startedAt: string): number {
    this.database.run('INSERT INTO processes (started_at) VALUES (?)', startedAt);
    return this.database.row<{ number: number }>('SELECT max(number) AS number FROM processes')!.number;
  }

  /** @param wallSeconds since that process began; called now and then, what a killed one took is known up to its last call */
  processSeen(number: number, wallSeconds: number): void {
    this.database.run('UPDATE processes SET wall_seconds = ? WHERE number = ?', wallSeconds, number);
  }

  /** @returns wall-clock of all processes that worked on the run, in seconds */
  wallSeconds(): number {
    return this.database.row<{ sum: number }>('SELECT coalesce(sum(wall_seconds), 0) AS sum FROM processes')!.sum;
  }

  #expect(id: string, state: AttemptState): LedgerAttempt & { place: number } {
    const sql = `SELECT place, ${ATTEMPT_COLUMNS} FROM attempts WHERE id = ?`;
    const attempt = this.database.row<LedgerAttempt & { place: number }>(sql, id);
    if (attempt === undefined) throw unfit(this.database.file, `There is no attempt ${id}`);
    if (attempt.state !== state) throw unfit(this.database.file, `${id} is ${attempt.state}, not ${state}`);
    return attempt;
  }

  #keepOutcome({ place, task, model }: LedgerAttempt & { place: number }, outcome: Outcome): void {
    const marks = OUTCOME_COLUMNS.map(() => '?').join(', ');
    const sql = `INSERT INTO outcomes (place, task, model, ${OUTCOME_COLUMNS.join(', ')}) VALUES (?, ?, ?, ${marks})`;
    this.database.run(sql, place, task, model, ...OUTCOME_COLUMNS.map((name) => outcome[name]));
  }

  #refuseChange(planned: Attempt): void {
    const kept = this.attempt(planned.id)!;
    for (const name of ['task', 'model', 'number', 'task_hash', 'seed', 'gpus'] as const) {
      if (kept[name] === planned[name]) continue;
      const text = `Attempt ${planned.id} was planned with ${name} ${kept[name]}, and now it has ${planned[name]}`;
      const remedy = 'What was played cannot be mixed with that: begin in another directory.';
      throw new StoreError(`${this.database.file}: ${text}.`, remedy);
    }
  }
}

function where({ id, state, task, model }: AttemptFilter): { condition: string; values: string[] } {
  const terms = Object.entries({ id, state, task, model }).filter(
    (term): term is [string, string] => term[1] !== undefined,
  );
  return {
    condition: ['1', ...terms.map(([name]) => `${name} = ?`)].join(' AND '),
    values: terms.map(([, value]) => value),
  };
}

function unfit(file: string, text: string): StoreError {
  return new StoreError(`${file}: ${text}.`, 'Only one process may work on a run: look for another one.');
}
