import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';

/** A CSV file with a header. */
export interface Table {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/**
 * Reads a table row by row, the header first; files may be larger than what fits into memory.
 * @throws the fault of the file system; of csv-parse when the file is no table
 */
export async function* rowsOf(file: string): AsyncGenerator<string[]> {
  const parser = parse({ bom: true, relax_column_count: true });
  // Faults of the file come out of the parser, and whoever stops reading closes the file.
  pipeline(createReadStream(file), parser, () => {});
  for await (const row of parser) yield row as string[];
}

/**
 * @param shorten what is kept of a cell; default all of it
 * @throws as `rowsOf`
 */
export async function readTable(file: string, shorten: (cell: string) => string = (cell) => cell): Promise<Table> {
  let columns: string[] | null = null;
  const rows: string[][] = [];
  for await (const row of rowsOf(file)) {
    if (columns === null) columns = row;
    else rows.push(row.map(shorten));
  }
  return { columns: columns ?? [], rows };
}

/** @returns the cells of a column; null when there is no such column */
export function columnOf({ columns, rows }: Table, name: string): string[] | null {
  const at = columns.indexOf(name);
  return at < 0 ? null : rows.map((row) => row[at] ?? '');
}

/** @returns the table with other cells in the column of this name */
export function withColumn(table: Table, name: string, cells: readonly string[]): Table {
  const at = table.columns.indexOf(name);
  const rows = table.rows.map((row, index) => row.map((cell, i) => (i === at ? (cells[index] ?? '') : cell)));
  return { ...table, rows };
}

/** @returns the table as a CSV file */
export function writeTable({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(cellText).join(',')}\n`).join('');
}

function cellText(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
