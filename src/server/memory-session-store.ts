import type { SessionRecord, SessionStore } from './session-store.js';

/** Keeps sessions in memory: for tests of a restart within one process. */
export class MemorySessionStore implements SessionStore {
  private readonly records = new Map<string, string>();

  async save(record: SessionRecord): Promise<void> {
    this.records.set(record.id, JSON.stringify(record));
  }

  async delete(id: string): Promise<void> {
    this.records.delete(id);
  }

  async load(): Promise<SessionRecord[]> {
    return [...this.records.values()].map((text) => JSON.parse(text));
  }
}
