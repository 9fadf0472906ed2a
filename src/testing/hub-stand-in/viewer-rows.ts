import { type Features, type FeatureType, fieldsOf } from './hub-features.js';
import type { HubImage, HubTable } from './hub-table.js';

/** Rows of `/first-rows`, and the most of a page of `/rows`. */
export const PAGE = 100;
/** Most bytes of an answer of `/first-rows`; rows are left out, then cells cut, until it is that small. */
const MOST_BYTES = 1_000_000;
/** Rows that stay while others are left out. */
const LEAST_ROWS = 10;
/** What stays of a cell that is cut. */
const CELL_BYTES = 100;

interface RowItem {
  row_idx: number;
  row: Record<string, unknown>;
  truncated_cells: string[];
}

/** Columns in the viewer's words. */
export function featureItems(features: Features): object[] {
  return Object.entries(features).map(([name, type], index) => ({ feature_idx: index, name, type }));
}

/** Rows in the viewer's words. @param assets address below which pictures are given: `<row>/<column>/image.png` is added */
export function rowItems(table: HubTable, offset: number, length: number, assets: string): RowItem[] {
  return table.rows.slice(offset, offset + length).map((row, index) => ({
    row_idx: offset + index,
    row: Object.fromEntries(
      Object.entries(table.features).map(([name, type]) => {
        const place = `${assets}/${offset + index}/${encodeURIComponent(name)}/image.png`;
        return [name, cell(row[name], type, place)];
      }),
    ),
    truncated_cells: [],
  }));
}

/** The first rows of a table, as many and as much of them as fit into one answer. */
export function firstRows(table: HubTable, assets: string): { rows: RowItem[]; truncated: boolean } {
  const rows = rowItems(table, 0, PAGE, assets);
  const bytes = () => Buffer.byteLength(JSON.stringify(rows));
  while (rows.length > LEAST_ROWS && bytes() > MOST_BYTES) rows.pop();
  for (const item of rows.toReversed()) {
    if (bytes() <= MOST_BYTES) break;
    cutCells(item, table.features);
  }
  const areCut = rows.some((item) => item.truncated_cells.length > 0);
  return { rows, truncated: areCut || table.rows.length > rows.length };
}

function cutCells(item: RowItem, features: Features): void {
  for (const [name, value] of Object.entries(item.row)) {
    const text = JSON.stringify(value);
    if (text.length <= CELL_BYTES || features[name]?._type === 'Image') continue;
    item.row[name] = text.slice(0, CELL_BYTES);
    item.truncated_cells.push(name);
  }
}

function cell(value: unknown, type: FeatureType, place: string): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Date)
    return value
      .toISOString()
      .replace(/(?:\.000)?Z$/, '')
      .replace(/(\.\d{3})$/, '$1000');
  const fields = fieldsOf(type);
  if (fields) {
    const record = value as Record<string, unknown>;
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, cell(record[name], field, place)]));
  }
  if (type._type === 'List') return (value as unknown[]).map((item) => cell(item, type.feature as FeatureType, place));
  if (type._type !== 'Image') return value;
  const header = Buffer.from((value as HubImage).bytes);
  return { src: place, height: header.readUInt32BE(20), width: header.readUInt32BE(16) };
}
