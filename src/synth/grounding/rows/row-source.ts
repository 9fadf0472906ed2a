import type { HubFeature } from '../../candidate.js';

/** A row by the names of its columns, as its format gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows of files that are here. */
export interface RowSource {
  readonly features: readonly HubFeature[];
  /** Number of all rows. */
  readonly count: number;
  /**
   * @param indexes of the rows that are wanted, ascending, from 0
   * @param columns that are wanted
   */
  rows(indexes: readonly number[], columns: readonly string[]): AsyncIterable<Row>;
}

/** A file that does not hold what its name says. */
export class RowsFault extends Error {
  override readonly name = 'RowsFault';
}
