import { accessSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { type Binding, bindings } from './bindings.js';
import { sqliteError } from './sqlite-error.js';
import { StoreError } from './store-error.js';

/** How long a statement waits while another process writes. */
const BUSY_TIMEOUT_MS = 10_000;
const OWNER_ONLY = 0o600;

/** What is done to the file of an earlier version, in order; the version of a file is how many of them it has seen. */
export type Migrations = readonly string[];

/** A database in one file: many processes may read it while one writes. */
export class SqliteFile {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #isOpen = true;

  private constructor(
    readonly file: string,
    readonly isReadOnly: boolean,
    address = file,
  ) {
    this.#database = new Database(address, { timeout: BUSY_TIMEOUT_MS });
  }

  /**
   * Opens a file, makes it when it is missing, and brings it to the newest version.
   * @throws StoreError when the file is damaged or of a newer version, StorageFault when the machine does not keep it
   */
  static open(file: string, migrations: Migrations): SqliteFile {
    return opening(file, () => {
      // Only its owner may read it: tokens of sessions are in it. What the database makes beside it gets the same rights.
      closeSync(openSync(file, 'a', OWNER_ONLY));
      const database = new SqliteFile(file, false);
      return database.#prepared(() => {
        database.row('PRAGMA journal_mode = WAL');
        // A commit survives the death of the process, and a loss of power at worst undoes the last ones: what they said is said by files
        // that were written before them. Waiting for the disk at each would cost ten times as much.
        database.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
        database.#migrate(migrations);
      });
    });
  }

  /**
   * Opens a file to look at it, while another process may write.
   * @throws StoreError when there is none, or it is not of this version
   */
  static readOnly(file: string, migrations: Migrations): SqliteFile {
    return opening(file, () => {
      if (!existsSync(file)) {
        throw new StoreError(
          `There is no ${file}.`,
          'Name the directory of a run that was begun; one that was killed as it began goes on with the command that began it.',
        );
      }
      const database = new SqliteFile(file, true, isFrozen(file) ? `${pathToFileURL(file)}?immutable=1` : file);
      return database.#prepared(() => {
        database.exec('PRAGMA query_only = ON');
        const version = database.#version();
        refuseNewer(file, version, migrations);
        if (version < migrations.length) {
          const remedy = 'Go on with the run once: that brings its files up to date.';
          throw new StoreError(
            `${file} is of version ${version}, and this software reads ${migrations.length}.`,
            remedy,
          );
        }
      });
    });
  }

  /** @returns how many rows it changed */
  run(sql: string, ...values: Binding[]): number {
    return this.#using(sql, (statement) => statement.run(bindings(values)).changes);
  }

  /** @returns the first row; undefined when there is none */
  row<T>(sql: string, ...values: Binding[]): T | undefined {
    return this.rows<T>(sql, ...values)[0];
  }

  /** @returns all rows, in memory: a statement that is left before its last row would keep the file from being tidied */
  rows<T>(sql: string, ...values: Binding[]): T[] {
    return this.#using(sql, (statement) => statement.all(bindings(values)) as T[]);
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /** Does work that only reads, on the file as it is at the beginning of it, whatever another process writes meanwhile. */
  snapshot<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.exec('BEGIN');
    try {
      return work();
    } finally {
      if (this.#isOpen) this.exec('COMMIT');
    }
  }

  /** Does all of a piece of work or nothing of it; within a transaction it is a part of that. */
  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk ends a transaction by itself.
      if (this.#isOpen && this.#inTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  /** Idempotent, never throws. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      // Its own transaction would keep it waiting.
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      // Whoever copies the file finds everything in it.
      if (!this.isReadOnly) this.#becomeOneFile();
    } catch {
      // What is in the log is read from there.
    }
    this.#statements.clear();
    this.#database.close();
  }

  /**
   * The driver lets go of a database only when its statements are collected, so that the log would stay. Where others look at the file
   * it does, and what is in it has been put into the file.
   */
  #becomeOneFile(): void {
    this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all([]);
    this.#database.exec('PRAGMA busy_timeout = 0');
    this.#database.prepare('PRAGMA journal_mode = DELETE').all([]);
  }

  /** The driver aborts the process when it is asked this of a file that is closed. */
  get #inTransaction(): boolean {
    return this.#guard(() => this.#database.inTransaction);
  }

  #prepared(work: () => void): this {
    try {
      work();
      return this;
    } catch (error) {
      this.#isOpen = false;
      this.#statements.clear();
      this.#database.close();
      throw error;
    }
  }

  #version(): number {
    return this.row<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
  }

  #migrate(migrations: Migrations): void {
    refuseNewer(this.file, this.#version(), migrations);
    if (this.#version() === migrations.length) return;
    this.transaction(() => {
      // Another process may have been here meanwhile.
      for (const step of migrations.slice(this.#version())) this.exec(step);
      this.exec(`PRAGMA user_version = ${migrations.length}`);
    });
  }

  #using<T>(sql: string, work: (statement: Database.Statement) => T): T {
    return this.#guard(() => {
      const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
      this.#statements.set(sql, statement);
      return work(statement);
    });
  }

  #guard<T>(work: () => T): T {
    if (!this.#isOpen) throw new StoreError(`${this.file} is closed.`, 'Open it again.');
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, this.file);
    }
  }
}

function opening(file: string, open: () => SqliteFile): SqliteFile {
  try {
    return open();
  } catch (error) {
    throw sqliteError(error, file);
  }
}

/**
 * Whether a file lies where nobody can write, and is whole without what its log holds. Otherwise even a reader leaves marks beside it, so
 * that writers know of it.
 */
function isFrozen(file: string): boolean {
  try {
    accessSync(path.dirname(file), constants.W_OK);
    return false;
  } catch {
    return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;
  }
}

function refuseNewer(file: string, version: number, migrations: Migrations): void {
  if (version <= migrations.length) return;
  const text = `${file} was written by newer software (version ${version}, this one knows ${migrations.length}).`;
  throw new StoreError(text, 'Use that software, or begin in another directory.');
}
