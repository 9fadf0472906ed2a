import type { DecodedArray, SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { type FeatureType, fieldsOf } from './hub-features.js';
import type { HubTable } from './hub-table.js';

const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;
const IMAGE: FeatureType = { bytes: { dtype: 'binary', _type: 'Value' }, path: { dtype: 'string', _type: 'Value' } };

/** A table as the Hub converts it: one Parquet file, with the features of the `datasets` library in its metadata. */
export function writeParquet({ features, rows }: HubTable): Uint8Array {
  const columns = Object.entries(features);
  const root: SchemaElement = { name: 'schema', num_children: columns.length, repetition_type: 'REQUIRED' };
  const written = parquetWriteBuffer({
    schema: [root, ...columns.flatMap(([name, type]) => schemaOf(name, type))],
    columnData: columns.map(([name, type]) => ({
      name,
      data: rows.map((row) => stored(row[name], type)) as DecodedArray,
    })),
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
    createdBy: 'stand-in of the Hub',
  });
  return new Uint8Array(written);
}

function schemaOf(name: string, type: FeatureType): SchemaElement[] {
  const fields = fieldsOf('_type' in type && type._type === 'Image' ? IMAGE : type);
  if (fields) {
    const inner = Object.entries(fields);
    return [
      { name, num_children: inner.length, ...OPTIONAL },
      ...inner.flatMap(([key, field]) => schemaOf(key, field)),
    ];
  }
  if (type._type === 'List') {
    const list: SchemaElement = { name: 'list', num_children: 1, repetition_type: 'REPEATED' };
    const outer: SchemaElement = { name, num_children: 1, converted_type: 'LIST', ...OPTIONAL };
    return [outer, list, ...schemaOf('element', type.feature as FeatureType)];
  }
  const dtype = type._type === 'ClassLabel' ? 'int64' : dtypeOf(type);
  return [{ name, ...OPTIONAL, ...physical(dtype) }];
}

function dtypeOf(type: FeatureType): string {
  return 'dtype' in type ? String(type.dtype) : '';
}

function physical(dtype: string): Partial<SchemaElement> {
  if (dtype === 'string') return { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  if (dtype === 'binary') return { type: 'BYTE_ARRAY' };
  if (dtype === 'bool') return { type: 'BOOLEAN' };
  if (dtype === 'float32') return { type: 'FLOAT' };
  if (dtype === 'float64') return { type: 'DOUBLE' };
  if (dtype === 'int32') return { type: 'INT32' };
  if (dtype === 'int64') return { type: 'INT64' };
  if (dtype === 'timestamp[ms]') {
    return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' } };
  }
  throw new Error(`the stand-in does not write columns of ${dtype}`);
}

function stored(value: unknown, type: FeatureType): unknown {
  if (value === null || value === undefined) return null;
  const fields = fieldsOf(type);
  if (fields) {
    const record = value as Record<string, unknown>;
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, stored(record[name], field)]));
  }
  if (type._type === 'List') return (value as unknown[]).map((item) => stored(item, type.feature as FeatureType));
  if (type._type === 'ClassLabel' || dtypeOf(type) === 'int64') return BigInt(value as number);
  return value;
}
