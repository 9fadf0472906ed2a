import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { storing } from '../../../files/storage-fault.js';
import type { DataPlan, HubFeature } from '../../candidate.js';
import { Chance } from '../../chance/chance.js';
import { DataFault } from '../data-fault.js';
import { inTurn } from '../in-turn.js';
import { openRows } from '../rows/open-rows.js';
import { columnFacts } from './column-facts.js';
import { type ReadRow, type ReadRows, readRows } from './read-rows.js';
import { splitRows } from './split-rows.js';
import { type DataRecipe, TaskData } from './task-data.js';
import { writeTables } from './write-tables.js';

/** Fewest rows with a target that make a task, and fewest that are held out. */
export const MIN_ROWS = 50;
const MIN_TEST_ROWS = 10;
const SAMPLE_ROWS = 20;
/** Changes when the same recipe would give other files. */
const MAKER = 2;

/** What data is made, and where. */
export interface DataJob {
  recipe: DataRecipe;
  plan: DataPlan;
  /** Columns as the Hub tells them, with the names of classes. */
  features: readonly HubFeature[];
  /** The recipe's files on this machine, in order; asked for when the data is not there yet. */
  bring: () => Promise<string[]>;
  cacheDirectory: string;
  signal: AbortSignal;
}

/** Data of a task in the shared cache: `visible/` and `hidden/` below the directory. */
export interface MadeData extends TaskData {
  directory: string;
}

/**
 * Makes training and test table, sample submission and answers of a task: complete or not at all, and once for a recipe.
 * @throws DataFault when the rows make no task, RowsFault when files cannot be read, StorageFault, StageFault; the signal's reason
 */
export function makeTaskData(job: DataJob): Promise<MadeData> {
  return storing(job.cacheDirectory, () => madeOnce(job)).catch((error: unknown) => {
    // Of recursion and of buffers: values nested without end, texts that no memory holds.
    throw error instanceof RangeError ? new DataFault(`A value is too deep or too large: ${error.message}.`) : error;
  });
}

async function madeOnce(job: DataJob): Promise<MadeData> {
  const { recipe, plan, cacheDirectory, features, signal } = job;
  const names = features.map(({ name, class_names }) => [name, class_names ?? null]);
  const key = createHash('sha256')
    .update(JSON.stringify([MAKER, recipe, plan, names]))
    .digest('hex');
  const directory = path.join(cacheDirectory, 'data', key);
  await mkdir(path.dirname(directory), { recursive: true });
  const known = await read(directory);
  if (known) return { ...known, directory };
  const paths = await job.bring();
  return inTurn({ directory: cacheDirectory, name: `data-${key.slice(0, 32)}`, signal }, async () => {
    const other = await read(directory);
    if (other) return { ...other, directory };
    const making = path.join(path.dirname(directory), `.making-${key}`);
    await rm(making, { recursive: true, force: true });
    try {
      const data = await make(job, paths, making);
      await writeFile(path.join(making, 'data.json'), `${JSON.stringify(data)}\n`);
      await rename(making, directory);
      return { ...data, directory };
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  });
}

async function read(directory: string): Promise<TaskData | null> {
  const text = await readFile(path.join(directory, 'data.json'), 'utf8').catch(() => null);
  return text === null ? null : TaskData.parse(JSON.parse(text));
}

async function make({ recipe, plan, features, signal }: DataJob, paths: string[], making: string): Promise<TaskData> {
  const source = await openRows(paths);
  const chance = (what: string) => new Chance(`${recipe.seed} ${recipe.repo} ${what}`);
  const staging = path.join(making, 'staged');
  const options = { maxRows: recipe.maxRows, chance: chance('rows'), staging, features, signal };
  const all = await readRows(source, plan, options);
  const { rows } = all;
  requireRows(all, plan, source.count);
  const split = splitRows(rows.length, {
    method: plan.split.method,
    by: rows.map(({ by, key }) => (plan.split.method === 'random' ? key : by)),
    testShare: recipe.testShare,
    chance: chance('split'),
  });
  const trained = new Set(split.train.map((index) => rows[index]?.key));
  const test = split.test.filter((index) => !trained.has(rows[index]?.key));
  requireTables(plan, rows, split.train, test, split.test.length);
  const written = await writeTables({
    directory: making,
    plan,
    train: split.train.map((index) => rows[index] as ReadRow),
    test: test.map((index) => rows[index] as ReadRow),
    chance: chance('numbers'),
  });
  await rm(staging, { recursive: true, force: true });
  const header = [...plan.inputs, plan.target];
  return {
    version: 1,
    train_rows: written.train.length,
    test_rows: test.length,
    rows: source.count,
    left_out: {
      without_target: all.withoutTarget,
      without_place: all.withoutPlace,
      repeated: split.test.length - test.length,
    },
    files: written.files,
    columns: header.map((name, at) =>
      columnFacts(
        name,
        features.find((feature) => feature.name === name)?.type ?? 'unknown',
        written.train.map((line) => line[at + 1] ?? ''),
      ),
    ),
    sample: written.train.slice(0, SAMPLE_ROWS),
  };
}

function requireRows({ rows, withoutTarget, withoutPlace }: ReadRows, plan: DataPlan, total: number): void {
  if (rows.length < MIN_ROWS) {
    const left = `${withoutTarget} have no target, ${withoutPlace} nothing to be split by`;
    throw new DataFault(`Of ${total} rows ${rows.length} can be used, fewer than ${MIN_ROWS}: ${left}.`);
  }
  if (plan.target_kind === 'number' && withoutTarget > rows.length / 2) {
    throw new DataFault(`The target ${plan.target} is to be a number and is none in ${withoutTarget} rows.`);
  }
  const values = new Set(rows.map(({ target }) => target)).size;
  if (values < 2) throw new DataFault(`The target ${plan.target} has the same value in every row.`);
  if (plan.target_kind === 'class' && values > rows.length / 2) {
    throw new DataFault(`The target ${plan.target} has ${values} values in ${rows.length} rows: these are no classes.`);
  }
}

function requireTables(
  plan: DataPlan,
  rows: readonly ReadRow[],
  train: readonly number[],
  test: readonly number[],
  held: number,
): void {
  if (test.length < MIN_TEST_ROWS) {
    const repeated = held - test.length;
    const why = repeated > 0 ? ` after ${repeated} whose inputs are those of training rows were left out` : '';
    throw new DataFault(
      `The split ${plan.split.method} gives ${test.length} test rows${why}, fewer than ${MIN_TEST_ROWS}.`,
    );
  }
  if (train.length < MIN_ROWS / 2)
    throw new DataFault(`The split ${plan.split.method} leaves ${train.length} training rows.`);
  if (plan.target_kind === 'text') return;
  const values = (indexes: readonly number[]) => new Set(indexes.map((index) => rows[index]?.target)).size;
  if (values(train) < 2) throw new DataFault(`The target ${plan.target} has one value in the training table.`);
  if (values(test) < 2) throw new DataFault(`The target ${plan.target} has one value in the test table.`);
}
