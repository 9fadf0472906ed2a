import { appendFileSync, closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  replayChanges,
  SessionChange,
  type SessionJournal,
  type SessionRecord,
  type SessionStore,
} from './session-store.js';

const SUFFIX = '.session.jsonl';
/** A journal that grew by this much begins anew with what still counts. */
const COMPACT_BYTES = 8 * 2 ** 20;

/** One file of JSON lines a session, in a directory that only the owner reads. */
export class FileSessionStore implements SessionStore {
  constructor(private readonly directory: string) {}

  open(record: () => SessionRecord): SessionJournal {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    return new FileJournal(path.join(this.directory, `${record().id}${SUFFIX}`), record);
  }

  async load(): Promise<SessionRecord[]> {
    const names = await readdir(this.directory).catch(() => [] as string[]);
    const records: SessionRecord[] = [];
    for (const name of names.filter((candidate) => candidate.endsWith(SUFFIX))) {
      const text = await readFile(path.join(this.directory, name), 'utf8').catch(() => '');
      const record = replayChanges(text.split('\n').flatMap(parseChange));
      if (record) records.push(record);
    }
    return records;
  }
}

/** Appends without waiting for the disk: some microseconds a change, so that it can stand before every answer. */
class FileJournal implements SessionJournal {
  private descriptor: number | null = null;
  private grownBytes = 0;

  constructor(
    private readonly file: string,
    private readonly record: () => SessionRecord,
  ) {
    this.begin();
  }

  write(change: SessionChange): void {
    if (this.descriptor === null) return;
    // A line that a full disk tore must not take the next one with it: each begins with its own line feed.
    const line = `\n${JSON.stringify(change)}`;
    appendFileSync(this.descriptor, line);
    this.grownBytes += line.length;
    if (this.grownBytes > COMPACT_BYTES) this.begin();
  }

  end(): void {
    this.close();
    rmSync(this.file, { force: true });
  }

  private begin(): void {
    const temporary = `${this.file}.new`;
    // Counted from here, so that a disk that is full is not asked for a new file with every change.
    this.grownBytes = 0;
    const descriptor = openSync(temporary, 'w', 0o600);
    try {
      appendFileSync(descriptor, JSON.stringify({ op: 'record', record: this.record() } satisfies SessionChange));
      renameSync(temporary, this.file);
    } catch (error) {
      closeSync(descriptor);
      rmSync(temporary, { force: true });
      throw error;
    }
    this.close();
    this.descriptor = descriptor;
  }

  private close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }
}

function parseChange(line: string): SessionChange[] {
  try {
    const parsed = SessionChange.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
