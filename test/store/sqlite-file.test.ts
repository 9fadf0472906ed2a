import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StorageFault } from '../../src/files/storage-fault.js';
import { LabelStore } from '../../src/store/label-store.js';
import { Ledger } from '../../src/store/ledger.js';
import { sqliteError } from '../../src/store/sqlite-error.js';
import { SqliteFile } from '../../src/store/sqlite-file.js';
import { StoreError } from '../../src/store/store-error.js';
import { attemptsOf, BEGINNING } from './attempts-of.js';

const run = promisify(execFile);
const TABLE = 'CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT, number REAL) STRICT;';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-sqlite-'));
});
afterAll(() => rm(root, { recursive: true }));

function caught(work: () => unknown): StoreError {
  try {
    work();
  } catch (error) {
    return error as StoreError;
  }
  throw new Error('nothing was thrown');
}

describe('a database in a file', () => {
  it('keeps texts and numbers as they are, and refuses a number that is none', () => {
    const database = SqliteFile.open(path.join(root, 'values.sqlite'), [TABLE]);
    let id = 0;
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (text, number) => {
          database.run('INSERT INTO things VALUES (?, ?, ?)', ++id, text, number);
          expect(database.row('SELECT text, number FROM things WHERE id = ?', id)).toMatchObject({
            text: text.replaceAll('\0', '\ufffd'),
            number: number + 0,
          });
        },
      ),
      { numRuns: 300 },
    );
    database.run('INSERT INTO things VALUES (?, ?, ?)', ++id, undefined, true);
    expect(database.row('SELECT * FROM things WHERE id = ?', id)).toMatchObject({ text: null, number: 1 });
    for (const number of [Number.NaN, Infinity]) {
      expect(() => database.run('INSERT INTO things VALUES (?, ?, ?)', 0, 'a', number)).toThrow('cannot be kept');
    }
    database.close();
    database.close();
    expect(() => database.rows('SELECT 1')).toThrow('values.sqlite is closed');
  });

  it('says so when it is used after it was closed, whatever is asked of it, and closing within a transaction undoes it', () => {
    const file = path.join(root, 'closed.sqlite');
    const database = SqliteFile.open(file, [TABLE]);
    expect(() =>
      database.transaction(() => {
        database.run("INSERT INTO things VALUES (1, 'a', 1)");
        database.close();
      }),
    ).toThrow('closed.sqlite is closed');
    const uses = [
      () => database.run('DELETE FROM things'),
      () => database.row('SELECT 1'),
      () => database.exec('BEGIN'),
      () => database.transaction(() => 1),
      () => database.snapshot(() => 1),
    ];
    for (const use of uses) expect(caught(use)).toBeInstanceOf(StoreError);
    database.close();
    const again = SqliteFile.open(file, [TABLE]);
    expect(again.rows('SELECT * FROM things')).toEqual([]);
    again.close();
  });

  it('does all of a transaction or nothing, and one within another as a part of it', () => {
    const database = SqliteFile.open(path.join(root, 'transactions.sqlite'), [TABLE]);
    const insert = (id: number) => database.run('INSERT INTO things (id) VALUES (?)', id);
    const fails = () =>
      database.transaction(() => {
        insert(1);
        database.transaction(() => insert(2));
        throw new Error('stop');
      });
    expect(fails).toThrow('stop');
    expect(database.rows('SELECT id FROM things')).toEqual([]);
    database.transaction(() => [insert(1), insert(2)]);
    expect(() => database.transaction(() => [insert(3), insert(1)])).toThrow(/UNIQUE/);
    expect(database.rows('SELECT id FROM things')).toHaveLength(2);
    database.close();
  });

  it('is brought to the newest version, step by step and never back, and a newer one is refused', () => {
    const file = path.join(root, 'versions.sqlite');
    const second = 'ALTER TABLE things ADD COLUMN more TEXT;';
    const old = SqliteFile.open(file, [TABLE]);
    old.run("INSERT INTO things (id, text) VALUES (1, 'a')");
    old.close();
    expect(caught(() => SqliteFile.readOnly(file, [TABLE, second]))).toMatchObject({
      message: `${file} is of version 1, and this software reads 2.`,
      remedy: expect.stringMatching(/^Go on with the run/),
    });
    const broken = 'CREATE TABLE half (id INTEGER) STRICT; CREATE TABLE things (id INTEGER);';
    expect(() => SqliteFile.open(file, [TABLE, broken])).toThrow('already exists');
    const database = SqliteFile.open(file, [TABLE, second]);
    expect(database.rows('SELECT text, more FROM things')).toEqual([{ text: 'a', more: null }]);
    expect(database.rows("SELECT 1 FROM sqlite_schema WHERE name = 'half'")).toEqual([]);
    database.close();
    for (const open of [SqliteFile.open, SqliteFile.readOnly]) {
      expect(caught(() => open(file, [TABLE]))).toMatchObject({
        name: 'StoreError',
        message: `${file} was written by newer software (version 2, this one knows 1).`,
      });
    }
  });

  it('names a file that is damaged, and what to do [T1]', async () => {
    const foreign = path.join(root, 'foreign.sqlite');
    await writeFile(foreign, 'a text that is no database. '.repeat(100));
    for (const open of [Ledger.open, Ledger.readOnly, LabelStore.open]) {
      const error = caught(() => open(foreign));
      expect(error.message).toBe(`${foreign} is damaged, or no database: file is not a database`);
      expect(error.remedy).toMatch(/^Put a copy/);
    }
    expect(await readFile(foreign, 'utf8')).toMatch(/^a text/);

    const torn = path.join(root, 'torn.sqlite');
    const ledger = Ledger.open(torn);
    ledger.plan(attemptsOf(1, 5000));
    ledger.close();
    await truncate(torn, 100_000);
    await rm(`${torn}-wal`, { force: true });
    await rm(`${torn}-shm`, { force: true });
    expect(caught(() => [...Ledger.open(torn).attempts()]).message).toMatch(`${torn} is damaged`);
  });

  it('tells the faults of the machine from others, with the place [B4]', async () => {
    const missing = path.join(root, 'none', 'ledger.sqlite');
    expect(caught(() => Ledger.readOnly(missing)).message).toBe(`There is no ${missing}.`);
    const directory = path.join(root, 'directory.sqlite');
    await mkdir(directory);
    expect(() => Ledger.open(directory)).toThrow(/EISDIR|directory/);
    const of = (code: string) => sqliteError(Object.assign(new Error('words'), { code }), '/r/ledger.sqlite');
    expect(of('SQLITE_FULL')).toBeInstanceOf(StorageFault);
    expect((of('SQLITE_FULL') as Error).message).toBe(
      '/r/ledger.sqlite cannot be used (words). The disk is full: make room.',
    );
    expect(of('SQLITE_IOERR_WRITE')).toMatchObject({ name: 'StorageFault', message: expect.stringContaining('fails') });
    expect(of('SQLITE_READONLY_DIRECTORY')).toMatchObject({ message: expect.stringContaining('only be read') });
    expect(of('SQLITE_CANTOPEN')).toBeInstanceOf(StorageFault);
    expect(of('SQLITE_NOMEM')).toBeInstanceOf(StorageFault);
    expect(of('SQLITE_BUSY')).toMatchObject({
      message: 'Another process writes to /r/ledger.sqlite and does not end.',
    });
    expect(of('SQLITE_CORRUPT')).toBeInstanceOf(StoreError);
    expect(of('SQLITE_CONSTRAINT_UNIQUE')).toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' });
    expect(of('ENOENT')).toMatchObject({ code: 'ENOENT' });
    expect(sqliteError('text', '/r')).toBe('text');
  });

  it('cannot be written by whoever looks at it, who sees all that is committed while another writes [T1]', async () => {
    const file = path.join(root, 'shared.sqlite');
    const writer = Ledger.open(file);
    writer.plan(attemptsOf(1, 100));
    const reader = Ledger.readOnly(file);
    expect(() => reader.plan(attemptsOf(1, 101))).toThrow(/only be read/);
    const seen = reader.database.snapshot(() => {
      const before = reader.counts().running;
      for (const { id } of attemptsOf(1, 50)) writer.beginTry(id, BEGINNING);
      return [before, reader.counts().running, reader.database.snapshot(() => reader.counts().running)];
    });
    expect(seen).toEqual([0, 0, 0]);
    expect(reader.counts()).toEqual({ open: 50, running: 50, done: 0, failed: 0 });
    writer.close();
    expect(reader.counts().running).toBe(50);
    reader.close();
  });

  it('says that the disk is full, keeps what was committed, and goes on when there is room [B4][T1]', async () => {
    const disk = path.join(root, 'disk');
    const program = [process.execPath, '--import', 'tsx', path.join(import.meta.dirname, 'full-disk-ledger.ts'), disk];
    const box = ['--dev-bind', '/', '/', '--size', '16777216', '--tmpfs', disk];
    const { stdout } = await run('bwrap', [...box, '--', ...program]);
    const { fault, again, acknowledged, counts, after, kept } = JSON.parse(stdout);
    expect(fault).toMatchObject({ name: 'StorageFault', message: expect.stringMatching(/make room\.$/) });
    expect(fault.message).toContain(disk);
    expect(again).toBe('StorageFault');
    expect(counts.done).toBe(acknowledged);
    expect(acknowledged).toBeGreaterThan(0);
    expect(counts.done + counts.open + counts.running).toBe(3000);
    expect(after).toEqual({ counts: { open: 0, running: 0, done: 3000, failed: 0 }, calls: 3000 });
    expect(kept).toEqual(after.counts);
  });

  it('keeps labels under their key, the newest in the place of others [T3]', () => {
    const file = path.join(root, 'labels.sqlite');
    const store = LabelStore.open(file);
    store.put([
      { id: 'a', key: '1', kept: '{"x":1}' },
      { id: 'b', key: '1', kept: '{}' },
    ]);
    store.put([{ id: 'a', key: '2', kept: '{"x":2}' }]);
    store.close();
    const again = LabelStore.open(file);
    expect([again.get('a', '1'), again.get('a', '2'), again.get('b', '1'), again.get('c', '1')]).toEqual([
      undefined,
      '{"x":2}',
      '{}',
      undefined,
    ]);
    again.close();
  });
});
