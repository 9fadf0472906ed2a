import type { HubFeature } from '../../candidate.js';
import { isFileFeature } from '../feature-words.js';

/** Contents of a cell: a text, or bytes that become a file. */
export type Cell = string | { bytes: Uint8Array; name: string | null };

/**
 * The contents of a cell as a task shows them: nothing for a missing value, names for numbers of classes, ISO times, JSON for nested
 * values, and Python's words for truth values.
 */
export function cellOf(value: unknown, feature: HubFeature): Cell {
  if (value === null || value === undefined) return '';
  if (feature.class_names) return classCell(value, feature.class_names);
  const file = fileOf(value);
  if (file) return file;
  if (isFileFeature(feature)) return '';
  return textOf(value);
}

function classCell(value: unknown, names: readonly string[]): string {
  if (value === '') return '';
  // Labels that are kept secret are -1.
  const number = Number(value);
  if (Number.isInteger(number)) return names[number] ?? '';
  return typeof value === 'string' ? value : '';
}

function fileOf(value: unknown): Cell | null {
  if (value instanceof Uint8Array) return { bytes: value, name: null };
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return null;
  const { bytes, path } = value as { bytes: unknown; path?: unknown };
  return bytes instanceof Uint8Array ? { bytes, name: typeof path === 'string' ? path : null } : null;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? '' : value.toISOString().replace(/(?:\.000)?Z$/, '');
  return JSON.stringify(value, (_, inner: unknown) => jsonOf(inner)) ?? '';
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(value);
}

function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)];
  return value;
}
