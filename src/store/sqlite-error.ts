import { StorageFault, storageFault } from '../files/storage-fault.js';
import { StoreError } from './store-error.js';

/** Codes of SQLite, their first part, where the machine is at fault: the code of the system that says the same. */
const MACHINE: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'ENOSPC',
  SQLITE_IOERR: 'EIO',
  SQLITE_READONLY: 'EROFS',
  SQLITE_CANTOPEN: 'EACCES',
  SQLITE_PERM: 'EACCES',
  SQLITE_NOMEM: 'ENOMEM',
};
const DAMAGED: ReadonlySet<string> = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB']);
const BUSY: ReadonlySet<string> = new Set(['SQLITE_BUSY', 'SQLITE_LOCKED']);
/** What a connection that could not be made says in the place of a code. */
const CONNECTION = /^ConnectionFailed\(.*: (\d+)"\)$/;
const CANTOPEN = 14;

/** @returns what a fault of the database in a file means: the machine's fault, a file that is of no use, or the error as it was */
export function sqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError || error instanceof StorageFault) return error;
  const code = sqliteCode(error);
  if (code === null) return error;
  if (DAMAGED.has(code)) {
    const remedy = 'Put a copy of it in its place, or begin in another directory.';
    return new StoreError(`${file} is damaged, or no database: ${error.message}`, remedy, { cause: error });
  }
  if (BUSY.has(code)) {
    const remedy = 'End the other process, or try again.';
    return new StoreError(`Another process writes to ${file} and does not end.`, remedy, { cause: error });
  }
  const system = MACHINE[code];
  if (system === undefined) return error;
  const cause = Object.assign(new Error(error.message, { cause: error }), { code: system, path: file });
  return storageFault(cause, file) ?? new StorageFault(`${file} cannot be used (${error.message}).`, { cause });
}

/** @returns `SQLITE_FULL`; null for errors of another kind */
function sqliteCode(error: Error): string | null {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return code.split('_').slice(0, 2).join('_');
  const [, number] = CONNECTION.exec(error.message) ?? [];
  if (number === undefined) return null;
  return Number(number) === CANTOPEN ? 'SQLITE_CANTOPEN' : 'SQLITE_IOERR';
}
