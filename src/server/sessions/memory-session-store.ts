import {
  replayChanges,
  type SessionChange,
  type SessionJournal,
  type SessionRecord,
  type SessionStore,
} from './session-store.js';

/** Keeps sessions in memory: for tests of a restart within one process. */
export class MemorySessionStore implements SessionStore {
  private readonly journals = new Map<string, string[]>();

  open(record: () => SessionRecord): SessionJournal {
    const first = record();
    const changes: string[] = [];
    const write = (change: SessionChange): void => void changes.push(JSON.stringify(change));
    write({ op: 'record', record: first });
    this.journals.set(first.id, changes);
    const end = (): void => {
      if (this.journals.get(first.id) === changes) this.journals.delete(first.id);
    };
    return { write, end };
  }

  async load(): Promise<SessionRecord[]> {
    const read = (changes: string[]) => replayChanges(changes.map((change) => JSON.parse(change)));
    return [...this.journals.values()].flatMap((changes) => read(changes) ?? []);
  }
}
