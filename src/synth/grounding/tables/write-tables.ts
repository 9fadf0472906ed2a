import { copyFile, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DataPlan } from '../../candidate.js';
import type { Chance } from '../../chance/chance.js';
import { constantPrediction } from './constant-prediction.js';
import { csvLine } from './csv-text.js';
import type { ReadRow } from './read-rows.js';
import type { TaskData } from './task-data.js';

const LINES_AT_ONCE = 1000;

/** What is written, and where. */
interface Tables {
  /** Gets `visible/` and `hidden/`. */
  directory: string;
  plan: DataPlan;
  train: readonly ReadRow[];
  test: readonly ReadRow[];
  chance: Chance;
}

/**
 * Writes the tables of a task and the files that their cells name.
 * @returns the lines of the training table without its header, and all files by their place in a workspace
 */
export async function writeTables(tables: Tables): Promise<{ train: string[][]; files: TaskData['files'] }> {
  const { directory, plan, train, test, chance } = tables;
  const files: TaskData['files'] = [];
  // One row of numbers for both tables, so that they tell neither the order of the dataset nor the table.
  const numbers = chance.shuffled(Array.from({ length: train.length + test.length }, (_, index) => index));
  const numbered = (rows: readonly ReadRow[], from: number) =>
    rows.map((row, at) => ({ id: numbers[from + at] ?? 0, row })).sort((a, b) => a.id - b.id);
  const fileColumns = plan.inputs.filter((_, at) =>
    [...train, ...test].some(({ inputs }) => typeof inputs[at] !== 'string'),
  );
  const placeOf = new Map(fileColumns.map((name, at) => [name, fileColumns.length === 1 ? null : `column${at + 1}`]));

  const cellsOf = async ({ id, row }: { id: number; row: ReadRow }): Promise<string[]> => {
    const cells = [String(id)];
    for (const [at, cell] of row.inputs.entries()) {
      if (typeof cell === 'string') {
        cells.push(cell);
        continue;
      }
      const place = placeOf.get(plan.inputs[at] ?? '');
      const name = `data/${place ? `${place}/` : ''}${cell.directory}/${id}.${cell.extension}`;
      const target = path.join(directory, 'visible', name);
      await mkdir(path.dirname(target), { recursive: true });
      await copyFile(cell.staged, target);
      files.push({ path: name, bytes: (await stat(target)).size, is_hidden: false });
      cells.push(name);
    }
    return cells;
  };
  const write = async (
    name: string,
    isHidden: boolean,
    header: string[],
    lines: readonly string[][],
  ): Promise<void> => {
    const target = path.join(directory, isHidden ? 'hidden' : 'visible', name);
    await mkdir(path.dirname(target), { recursive: true });
    const bytes = await writeLines(target, [header, ...lines]);
    files.push({ path: name, bytes, is_hidden: isHidden });
  };

  const trainLines: string[][] = [];
  for (const entry of numbered(train, 0)) trainLines.push([...(await cellsOf(entry)), entry.row.target]);
  const testLines: string[][] = [];
  const answers: string[][] = [];
  for (const entry of numbered(test, train.length)) {
    testLines.push(await cellsOf(entry));
    answers.push([String(entry.id), entry.row.target]);
  }
  const constant = constantPrediction(
    plan.target_kind,
    train.map(({ target }) => target),
  );
  const pair = ['id', plan.target];
  await write('data/train.csv', false, ['id', ...plan.inputs, plan.target], trainLines);
  await write('data/test.csv', false, ['id', ...plan.inputs], testLines);
  await write(
    'sample_submission.csv',
    false,
    pair,
    answers.map(([id]) => [id ?? '', constant]),
  );
  await write('answers.csv', true, pair, answers);
  const rank = ({ path: name }: { path: string }) => (name.endsWith('.csv') ? 0 : 1);
  files.sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  return { train: trainLines, files };
}

async function writeLines(target: string, lines: readonly string[][]): Promise<number> {
  const file = await open(target, 'w');
  try {
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
      await file.writeFile(
        lines
          .slice(at, at + LINES_AT_ONCE)
          .map(csvLine)
          .join(''),
      );
    }
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
