import type { Candidate } from '../../candidate.js';
import { columnOf, readTable, type Table } from './table.js';

/** The hidden answers of a task whose submission is a table. */
export interface Answers {
  table: Table;
  /** Column of the answers. */
  target: string;
  ids: readonly string[];
  /** In the order of the ids. */
  values: readonly string[];
}

/** Path on this machine of a file of the data; null when there is none of this name. */
export function dataFile({ grounding }: Candidate, name: string): string | null {
  return grounding?.files.find((file) => file.path === name)?.host_path ?? null;
}

/** @returns the answers; null for a task that has none, such as one whose dataset was not looked at */
export async function answersOf(candidate: Candidate): Promise<Answers | null> {
  const file = dataFile(candidate, 'answers.csv');
  if (candidate.proposal?.submission.kind !== 'predictions' || file === null) return null;
  const table = await readTable(file);
  const target = candidate.grounding?.plan?.target ?? table.columns.find((name) => name !== 'id') ?? '';
  const [ids, values] = [columnOf(table, 'id'), columnOf(table, target)];
  return ids && values && values.length > 0 ? { table, target, ids, values } : null;
}
