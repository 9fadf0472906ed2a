import type { Candidate } from '../../candidate.js';
import { TaskFault } from '../../verification/task-fault.js';
import { type Answers, dataFile } from '../tables/answers.js';
import { columnOf, readTable } from '../tables/table.js';

/** Fewer rows may fall into any order by chance. */
const FEWEST_ROWS = 16;
/** Columns of which so many rows have a value of their own are names, and map one-to-one onto anything. */
const NAMES_SHARE = 0.5;
const LINEAR = 1e-9;
/** Longer cells are texts, of which the beginning tells them apart. */
const CELL_CHARACTERS = 256;

/**
 * Whether the answers follow from a single column of the test table, or from the order of its rows.
 * @throws TaskFault `labels_derivable`
 */
export async function judgeDerivable(candidate: Candidate, answers: Answers): Promise<void> {
  const file = dataFile(candidate, 'data/test.csv');
  if (file === null || answers.values.length < FEWEST_ROWS) return;
  const test = await readTable(file, (cell) => cell.slice(0, CELL_CHARACTERS));
  const ids = columnOf(test, 'id');
  if (ids === null) return;
  const byId = new Map(answers.ids.map((id, index) => [id, answers.values[index] ?? '']));
  const labels = ids.map((id) => byId.get(id) ?? '');
  if (new Set(labels).size < 2) return;
  for (const name of test.columns) {
    const how = relationOf(columnOf(test, name) ?? [], labels);
    if (how !== null) throw new TaskFault('labels_derivable', `the answers ${how} the column ${name} of data/test.csv`);
  }
  if (isSorted(labels))
    throw new TaskFault('labels_derivable', 'the rows of data/test.csv are sorted by their answers');
}

function relationOf(cells: readonly string[], labels: readonly string[]): string | null {
  if (cells.every((cell, row) => isEqual(cell, labels[row] ?? ''))) return 'are';
  const numbers = numbersOf(labels);
  const values = numbersOf(cells);
  const distinct = new Set(cells).size;
  const few = distinct <= NAMES_SHARE * cells.length;
  if (numbers && values && !few) return isLinear(values, numbers) ? 'are a linear function of' : null;
  if (!few) return null;
  return isOneToOne(cells, labels) ? 'map one-to-one onto' : null;
}

function isEqual(a: string, b: string): boolean {
  if (a.trim().toLowerCase() === b.trim().toLowerCase()) return true;
  return a.trim() !== '' && b.trim() !== '' && Number(a) === Number(b);
}

function isOneToOne(cells: readonly string[], labels: readonly string[]): boolean {
  const [there, back] = [new Map<string, string>(), new Map<string, string>()];
  for (const [row, cell] of cells.entries()) {
    const label = labels[row] ?? '';
    if ((there.get(cell) ?? label) !== label || (back.get(label) ?? cell) !== cell) return false;
    there.set(cell, label);
    back.set(label, cell);
  }
  return true;
}

function numbersOf(cells: readonly string[]): number[] | null {
  const numbers = cells.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
  return numbers.every(Number.isFinite) ? numbers : null;
}

/** Whether a straight line of a slope other than 0 goes through all points. */
function isLinear(x: readonly number[], y: readonly number[]): boolean {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [row, value] of x.entries()) {
    const [dx, dy] = [value - mx, (y[row] ?? 0) - my];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx > 0 && yy > 0 && 1 - (xy * xy) / (xx * yy) < LINEAR;
}

/** Whether equal answers stand together, in the order of numbers where they are numbers. */
function isSorted(labels: readonly string[]): boolean {
  const numbers = numbersOf(labels);
  const distinct = new Set(labels).size;
  if (numbers && distinct > NAMES_SHARE * labels.length) {
    return [1, -1].some((sign) =>
      numbers.every((value, row) => row === 0 || sign * (value - (numbers[row - 1] ?? 0)) >= 0),
    );
  }
  if (distinct > NAMES_SHARE * labels.length) return false;
  const changes = labels.filter((label, row) => row > 0 && label !== labels[row - 1]).length;
  return changes === distinct - 1;
}
