import { type Migrations, SqliteFile } from './sqlite-file.js';

const FIRST = `
CREATE TABLE labels (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  kept TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
const MIGRATIONS: Migrations = [FIRST];

/** What was found out about trajectories, as JSON: a file of its own, so that whoever labels does not wait for whoever samples. */
export class LabelStore {
  private constructor(private readonly database: SqliteFile) {}

  /** Opens a file, and makes it when it is missing. @throws what `SqliteFile.open` throws */
  static open(file: string): LabelStore {
    return new LabelStore(SqliteFile.open(file, MIGRATIONS));
  }

  /** Idempotent, never throws. */
  close(): void {
    this.database.close();
  }

  /** @returns what is kept of an id under a key; undefined when there is nothing, or only under another key */
  get(id: string, key: string): string | undefined {
    return this.database.row<{ kept: string }>('SELECT kept FROM labels WHERE id = ? AND key = ?', id, key)?.kept;
  }

  /** Keeps some, all or none, in the place of what was kept of their ids. */
  put(entries: Iterable<{ id: string; key: string; kept: string }>): void {
    const sql = `INSERT INTO labels (id, key, kept) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET key = excluded.key, kept = excluded.kept`;
    this.database.transaction(() => {
      for (const { id, key, kept } of entries) this.database.run(sql, id, key, kept);
    });
  }
}
