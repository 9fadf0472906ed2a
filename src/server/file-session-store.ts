import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { SessionRecord, type SessionStore } from './session-store.js';

const SUFFIX = '.session.json';

/** One JSON file a session, in a directory that only the owner reads. A file is complete or absent. */
export class FileSessionStore implements SessionStore {
  /** Writes of one session run one after the other, or an older record could replace a newer one. */
  private readonly tails = new Map<string, Promise<void>>();

  constructor(private readonly directory: string) {}

  save(record: SessionRecord): Promise<void> {
    return this.inOrder(record.id, async () => {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      const file = this.file(record.id);
      const temporary = `${file}.new`;
      const handle = await open(temporary, 'w', 0o600);
      try {
        await handle.writeFile(JSON.stringify(record));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
    });
  }

  delete(id: string): Promise<void> {
    return this.inOrder(id, () => rm(this.file(id), { force: true }));
  }

  async load(): Promise<SessionRecord[]> {
    const names = await readdir(this.directory).catch(() => [] as string[]);
    const records: SessionRecord[] = [];
    for (const name of names.filter((candidate) => candidate.endsWith(SUFFIX))) {
      const text = await readFile(path.join(this.directory, name), 'utf8').catch(() => '');
      const record = SessionRecord.safeParse(parseOrNull(text));
      if (record.success) records.push(record.data);
    }
    return records;
  }

  private file(id: string): string {
    return path.join(this.directory, `${id}${SUFFIX}`);
  }

  private inOrder(id: string, write: () => Promise<void>): Promise<void> {
    const mine = (this.tails.get(id) ?? Promise.resolve()).then(write);
    const tail = mine
      .catch(() => {})
      .then(() => {
        if (this.tails.get(id) === tail) this.tails.delete(id);
      });
    this.tails.set(id, tail);
    return mine;
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
