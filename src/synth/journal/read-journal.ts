import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type JournalEntry, readEntry } from './journal-entry.js';

/**
 * Reads what a run asked and was answered, in the order of the keys' names.
 * @param root directory of a `FileJournal`; may be missing
 * @param prefix of the keys that are wanted, such as the id of a candidate; empty: all
 * @returns the entries that are whole
 */
export async function* readJournal(root: string, prefix = ''): AsyncGenerator<JournalEntry> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const numbered = new Intl.Collator('en', { numeric: true });
  for (const entry of entries.sort((a, b) => numbered.compare(a.name, b.name))) {
    const place = path.join(root, entry.name);
    if (entry.isDirectory()) yield* readJournal(place, prefix);
    else if (entry.isFile() && entry.name.endsWith('.json')) {
      const read = await readEntry(place);
      if (read?.key.startsWith(prefix)) yield read;
    }
  }
}
