/** What is known of a column of the training table. */
export interface ColumnFacts {
  name: string;
  type: string;
  missing: number;
  distinct: number;
  /** Null for a column that is not numbers. */
  numbers: { min: number; max: number; mean: number } | null;
  /** Mean number of characters; null for numbers. */
  characters: number | null;
  /** Values by how often they occur, the most frequent first; empty where there are many. */
  values: { value: string; count: number }[];
}

const MOST_VALUES = 20;
const LONGEST_VALUE = 40;

/** @param type as the Hub calls it. @param cells of the training table */
export function columnFacts(name: string, type: string, cells: readonly string[]): ColumnFacts {
  const filled = cells.filter((cell) => cell !== '');
  const counts = new Map<string, number>();
  for (const cell of filled) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const isNumbers = filled.length > 0 && filled.every((cell) => cell.trim() !== '' && Number.isFinite(Number(cell)));
  const hasFewValues = counts.size <= MOST_VALUES && [...counts.keys()].every((value) => value.length <= LONGEST_VALUE);
  const values = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return {
    name,
    type,
    missing: cells.length - filled.length,
    distinct: counts.size,
    numbers: isNumbers ? numbersOf(filled.map(Number)) : null,
    characters: isNumbers || filled.length === 0 ? null : mean(filled.map((cell) => cell.length)),
    values: hasFewValues && values.length < filled.length ? values : [],
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value / numbers.length, 0);
}

function numbersOf(numbers: readonly number[]): { min: number; max: number; mean: number } {
  const min = numbers.reduce((least, value) => Math.min(least, value));
  const max = numbers.reduce((most, value) => Math.max(most, value));
  return { min, max, mean: mean(numbers) };
}
