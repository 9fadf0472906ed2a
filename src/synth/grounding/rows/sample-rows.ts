import type { HubFeature } from '../../candidate.js';
import { openRows } from './open-rows.js';
import { RowsFault } from './row-source.js';

/**
 * The first rows of a file, as a viewer would show them: values of JSON, without the bytes of files.
 * @returns null when it holds none that can be read
 */
export async function sampleRows(
  path: string,
  count: number,
): Promise<{ features: HubFeature[]; rows: Record<string, unknown>[] } | null> {
  try {
    const source = await openRows([path]);
    if (source.count === 0) return null;
    const indexes = Array.from({ length: Math.min(count, source.count) }, (_, index) => index);
    const columns = source.features.map(({ name }) => name);
    const rows: Record<string, unknown>[] = [];
    for await (const row of source.rows(indexes, columns)) {
      rows.push(Object.fromEntries(columns.map((name) => [name, plain(row[name])])));
    }
    return { features: [...source.features], rows };
  } catch (error) {
    if (error instanceof RowsFault) return null;
    throw error;
  }
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return { bytes: value.length };
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}
