import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

/** A CSV file with a header. */
export interface Table {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** @throws the fault of the file system; of csv-parse when the file is no table */
export async function readTable(file: string): Promise<Table> {
  const [columns = [], ...rows] = parse(await readFile(file), { bom: true, relax_column_count: true }) as string[][];
  return { columns, rows };
}

/** @returns the cells of a column; null when there is no such column */
export function columnOf({ columns, rows }: Table, name: string): string[] | null {
  const at = columns.indexOf(name);
  return at < 0 ? null : rows.map((row) => row[at] ?? '');
}

/** @returns the table with another column of this name */
export function withColumn(table: Table, name: string, cells: readonly string[]): Table {
  const at = table.columns.indexOf(name);
  return {
    ...table,
    rows: table.rows.map((row, index) => row.map((cell, i) => (i === at ? (cells[index] ?? '') : cell))),
  };
}

/** @returns the table as a CSV file */
export function writeTable({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(cellText).join(',')}\n`).join('');
}

function cellText(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
