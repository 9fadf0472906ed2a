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
  const text = cell.length > MAX_CELL ? cutAt(cell, MAX_CELL) : cell;
  const clean = text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
  return /[",\r\n]/.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
}

/** The beginning of a text, no character of which is torn. */
function cutAt(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}
