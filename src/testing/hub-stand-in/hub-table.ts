import { parse } from 'csv-parse/sync';
import { type Features, type FeatureType, fieldsOf } from './hub-features.js';

/** A picture in a cell. */
export interface HubImage {
  bytes: Uint8Array;
  path: string;
}

/** Rows of a split: JSON values, Dates for times, `HubImage` for pictures, null for what is missing. */
export interface HubTable {
  config: string;
  split: string;
  features: Features;
  rows: Record<string, unknown>[];
}

/** Reads a file of rows. @param path its ending says the format: .csv, .jsonl @throws Error for another one */
export function readRows(path: string, contents: Uint8Array, features: Features): Record<string, unknown>[] {
  const text = new TextDecoder().decode(contents);
  const records = /\.csv$/.test(path)
    ? parse<Record<string, string>>(text, { columns: true })
    : /\.jsonl$/.test(path)
      ? text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
      : null;
  if (!records) throw new Error(`${path}: the stand-in reads rows from .csv and .jsonl files`);
  return records.map((record) =>
    Object.fromEntries(Object.entries(features).map(([name, type]) => [name, castCell(record[name], type)])),
  );
}

function castCell(value: unknown, type: FeatureType): unknown {
  const fields = fieldsOf(type);
  if (value === null || value === undefined || value === '') return null;
  if (fields) {
    const record = value as Record<string, unknown>;
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, castCell(record[name], field)]));
  }
  if (type._type === 'List') return (value as unknown[]).map((item) => castCell(item, type.feature as FeatureType));
  if (type._type === 'Image') {
    const { bytes, path } = value as { bytes: string; path: string };
    return { bytes: Buffer.from(bytes, 'base64'), path } satisfies HubImage;
  }
  if (type._type === 'ClassLabel') return Number(value);
  return castValue(value, String(type.dtype));
}

function castValue(value: unknown, dtype: string): unknown {
  if (dtype.startsWith('timestamp')) return new Date(value as string | number);
  if (dtype === 'bool') return value === true || /^true$/i.test(String(value));
  return /^(?:u?int|float)/.test(dtype) ? Number(value) : String(value);
}
