import type { SchemaElement } from 'hyparquet';
import type { DatasetRow } from '../dataset-row.js';

const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;

function text(name: string): SchemaElement {
  return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', ...OPTIONAL };
}

function whole(name: string): SchemaElement {
  return { name, type: 'INT64', ...OPTIONAL };
}

function number(name: string): SchemaElement {
  return { name, type: 'DOUBLE', ...OPTIONAL };
}

function truth(name: string): SchemaElement {
  return { name, type: 'BOOLEAN', ...OPTIONAL };
}

function struct(name: string, ...fields: readonly SchemaElement[][]): SchemaElement[] {
  return [{ name, num_children: fields.length, ...OPTIONAL }, ...fields.flat()];
}

/** In three levels, as every reader knows them. */
function list(name: string, ofElement: (name: string) => SchemaElement[]): SchemaElement[] {
  return [
    { name, num_children: 1, converted_type: 'LIST', ...OPTIONAL },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    ...ofElement('element'),
  ];
}

const CALLS = list('tool_calls', (name) => struct(name, [text('name')], [text('arguments')]));

/** The columns of a dataset, by the keys of its rows. */
export const PARQUET_COLUMNS: Readonly<Record<keyof DatasetRow, readonly SchemaElement[]>> = {
  id: [text('id')],
  task: [text('task')],
  model: [text('model')],
  messages: list('messages', (name) => struct(name, [text('role')], [text('content')], CALLS)),
  tools: [text('tools')],
  text: [text('text')],
  loss_spans: list('loss_spans', (name) => list(name, (inner) => [whole(inner)])),
  tokens: [whole('tokens')],
  loss_tokens: [whole('loss_tokens')],
  truncated: [truth('truncated')],
  exit_status: [text('exit_status')],
  valid: [whole('valid')],
  best: [number('best')],
  baseline: [number('baseline')],
  improves: [truth('improves')],
  steps: [whole('steps')],
};

export const PARQUET_SCHEMA: SchemaElement[] = [
  { name: 'schema', num_children: Object.keys(PARQUET_COLUMNS).length, repetition_type: 'REQUIRED' },
  ...Object.values(PARQUET_COLUMNS).flat(),
];
