import path from 'node:path';

/** What the system says when files cannot be kept, for whatever reason of the machine, and what is to be done about it. */
const CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room',
  EDQUOT: 'The quota of this user is used up: make room, or have it raised',
  EROFS: 'The disk can only be read: mount it for writing',
  EACCES: 'This user may not do that: give it the right to read and write there',
  EPERM: 'This user may not do that: give it the right to read and write there',
  EIO: 'The disk fails: look at it before anything else is written',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'Too many files are open on this machine: raise the limit (fs.file-max)',
};
const MAX_CAUSES = 8;

/** Files cannot be kept on this machine: nothing that was to be kept is at fault, and nothing goes on until a person acts. */
export class StorageFault extends Error {
  override readonly name = 'StorageFault';
}

/**
 * @param error whatever was thrown; its causes are looked at too
 * @param place that work was done in, for errors that do not say where
 * @returns what is wrong, where, and what to do; null for errors of another kind
 */
export function storageFault(error: unknown, place: string): StorageFault | null {
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth++, cause = cause.cause) {
    if (cause instanceof StorageFault) return cause;
    const { code = '', path: from, dest, syscall, message } = cause as NodeJS.ErrnoException & { dest?: string };
    const todo = CODES[code];
    // Networks and processes have codes of the same names.
    if (todo === undefined || /^(?:connect|getaddrinfo|listen|bind|spawn)\b/.test(syscall ?? '')) continue;
    // A copy fails for the disk that it goes to much more often than for the one that it comes from.
    const text = `${path.resolve(dest ?? from ?? place)} cannot be used (${message}). ${todo}.`;
    return new StorageFault(text, { cause: error });
  }
  return null;
}

/**
 * Does work on files below a place.
 * @throws StorageFault where the machine does not keep them; what else the work throws
 */
export async function storing<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFault(error, place) ?? error;
  }
}
