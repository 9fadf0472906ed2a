import { openParquet } from './parquet-rows.js';
import type { RowSource } from './row-source.js';
import { openText } from './text-rows.js';

/**
 * Opens files of one table.
 * @throws RowsFault when one does not hold what its name says
 */
export function openRows(paths: readonly string[]): Promise<RowSource> {
  return paths.every((path) => path.toLowerCase().endsWith('.parquet')) ? openParquet(paths) : openText(paths);
}
