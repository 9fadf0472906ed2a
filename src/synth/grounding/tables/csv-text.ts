import { cutText } from '../cut-text.js';

/** What Python's `csv` module reads in one cell unless it is told otherwise. */
const MAX_CELL = 131_072;

/**
 * A line of CSV as Python's `csv` module writes it by default, but for the end of the line, which is `\n`.
 * @param cells texts; longer ones than that module reads are cut, and signs that are no text are replaced
 */
export function csvLine(cells: readonly string[]): string {
  if (cells.length === 1 && cells[0] === '') return '""\n';
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(cell: string): string {
  const text = cutText(cell, MAX_CELL);
  const clean = text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
  return /[",\r\n]/.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
}
