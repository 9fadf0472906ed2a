import type { DatasetRow } from '../dataset-row.js';

/** A file of rows that is being written. */
export interface RowFile {
  write(row: DatasetRow): Promise<void>;
  /** Puts the file at its place, whole. */
  finish(): Promise<{ bytes: number; sha256: string }>;
  /** Leaves nothing of it. */
  discard(): void;
}
