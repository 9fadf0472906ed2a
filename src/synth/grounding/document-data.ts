import type { DataPlan } from '../candidate.js';
import { cellCharacters, cutCell } from './dataset-view.js';
import { isFileFeature } from './feature-words.js';
import type { ColumnFacts } from './tables/column-facts.js';
import { csvLine } from './tables/csv-text.js';
import type { TaskData } from './tables/task-data.js';

/** Where the data comes from. */
interface DataSource {
  repo: string;
  config: string;
  split: string;
  licence: string | null;
}

/** What a documentation tells, and how much of each cell. */
export interface DataDocument {
  source: DataSource;
  plan: DataPlan;
  data: TaskData;
  sampleRows: number;
  cellCharacters: number;
}

/** The dataset as a task describes it: files, columns, statistics of the training table, sample rows, source. Nothing about test rows. */
export function documentData({ source, plan, data, sampleRows, cellCharacters: wanted }: DataDocument): string {
  const header = ['id', ...plan.inputs, plan.target];
  const characters = cellCharacters(header.length, wanted);
  const cells = data.files.filter(({ path }) => /^data\/.*\//.test(path));
  const shown = data.sample
    .slice(0, sampleRows)
    .map((line) => line.map((cell) => cutCell(cell.replace(/\s*[\r\n]+\s*/g, ' '), characters)));
  const { repeated } = data.left_out;
  const left = repeated > 0 ? `${repeated} test rows with the inputs of a training row were left out. ` : '';
  const lines = [
    `Rows of the dataset ${source.repo} of the Hugging Face Hub (subset ${source.config}, split ${source.split}; licence: ${source.licence ?? 'not told'}),`,
    `divided into training and test rows ${DIVIDED[plan.split.method](plan.split.by)}.`,
    '',
    'Files:',
    `- data/train.csv: ${data.train_rows} rows with the columns ${header.join(', ')}.`,
    `- data/test.csv: ${data.test_rows} rows with the columns ${header.slice(0, -1).join(', ')}. Their ${plan.target} is not given.`,
    `- sample_submission.csv: id and ${plan.target} for each row of data/test.csv, with one prediction for all of them.`,
    ...(cells.length > 0
      ? [`- ${cells.length} files below data/ that cells name by their path, such as ${cells[0]?.path}.`]
      : []),
    '',
    `${left}The tables are CSV in UTF-8, quoted as Python's csv module does it. An id only names a row. An empty cell is a missing value.`,
    ...data.columns.flatMap(({ name, values }) => naLine(name, values)),
    '',
    'Columns, with numbers from the training table:',
    ...data.columns.map((column) =>
      columnLine(shortened(column, header.length, plan), column.name === plan.target, plan),
    ),
    '',
    'The first lines of data/train.csv (long cells cut, line breaks in cells left out):',
    ...[header, ...shown].map((line) => csvLine(line).trimEnd()),
  ];
  return lines.join('\n');
}

/** Of tables with more columns, only the target's values are told one by one. */
const MOST_COLUMNS_WITH_VALUES = 60;
const TYPE_CHARACTERS = 100;

/** What pandas takes for a missing value unless it is told otherwise. */
const NA_WORDS = new Set('#N/A,#NA,-NaN,-nan,<NA>,N/A,NA,NULL,NaN,None,n/a,nan,null'.split(','));

function naLine(name: string, values: ColumnFacts['values']): string[] {
  const words = values.map(({ value }) => value).filter((value) => NA_WORDS.has(value));
  if (words.length === 0) return [];
  return [
    `In ${name}, ${words.join(' and ')} is a value: read the tables with keep_default_na=False where pandas is used.`,
  ];
}

const DIVIDED: Record<DataPlan['split']['method'], (by: string | null) => string> = {
  random: () => 'at random, rows with equal inputs on one side',
  group: (by) => `so that no ${by} is in both`,
  temporal: (by) => `so that the test rows are later by ${by}`,
};

const KINDS: Record<DataPlan['target_kind'], string> = { class: 'a class', number: 'a number', text: 'a text' };

function shortened(column: ColumnFacts, columns: number, { target }: DataPlan): ColumnFacts {
  const type = cutCell(column.type, TYPE_CHARACTERS);
  if (columns <= MOST_COLUMNS_WITH_VALUES || column.name === target) return { ...column, type };
  return { ...column, type, values: [] };
}

function columnLine(
  { name, type, missing, distinct, numbers, characters, values }: ColumnFacts,
  isTarget: boolean,
  plan: DataPlan,
): string {
  if (isFileFeature({ name, type }))
    return `- ${name} (${type}): paths of files${missing > 0 ? `; ${missing} missing` : ''}`;
  const facts = [
    ...(isTarget ? [`the target, ${KINDS[plan.target_kind]}`] : []),
    ...(values.length > 0
      ? [
          `${distinct} values: ${values.map(({ value, count }) => `${value.replace(/\s+/g, ' ')} (${count})`).join(', ')}`,
        ]
      : [`${distinct} different values`]),
    ...(numbers && values.length === 0
      ? [`${short(numbers.min)} to ${short(numbers.max)}, mean ${short(numbers.mean)}`]
      : []),
    ...(characters !== null && values.length === 0 ? [`${short(characters)} characters on average`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
  ];
  return `- ${name} (${type}): ${facts.join('; ')}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
