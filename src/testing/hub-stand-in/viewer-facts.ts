import { writeParquet } from './hub-parquet.js';
import { CONVERTED, type HubRepo } from './hub-repo.js';
import type { HubTable } from './hub-table.js';
import { NOT_FOUND } from './viewer-error.js';

/** What belongs to answers about a whole dataset, and not to those about a subset. */
const COMPLETE = { pending: [], failed: [] };

/** Path of the converted file of a table, below its branch. */
function convertedPath({ config, split }: HubTable): string {
  return `${config}/${split}/0000.parquet`;
}

/** Makes the branch of converted files of a repository. */
export function convertTables(repo: HubRepo): void {
  if (repo.tables.length === 0) return;
  repo.convert(Object.fromEntries(repo.tables.map((table) => [convertedPath(table), writeParquet(table)])));
}

/** Tables of a subset, or all; those of a dataset are in the order of its card. @throws ViewerError when there is no such subset */
export function tablesOf(repo: HubRepo, config: string | null): HubTable[] {
  const found = repo.tables.filter((table) => config === null || table.config === config);
  if (found.length === 0) throw NOT_FOUND;
  return found;
}

/** `/splits` */
export function splits(repo: HubRepo, config: string | null): object {
  const dataset = repo.facts.id;
  const found = tablesOf(repo, config).map((table) => ({ dataset, config: table.config, split: table.split }));
  return { splits: found, ...(config === null && COMPLETE) };
}

/** `/parquet` */
export function parquet(repo: HubRepo, config: string | null, base: string): object {
  const dataset = repo.facts.id;
  const tables = tablesOf(repo, config);
  const parquet_files = tables.map((table) => {
    const path = convertedPath(table);
    return {
      dataset,
      config: table.config,
      split: table.split,
      url: `${base}/datasets/${dataset}/resolve/${encodeURIComponent(CONVERTED)}/${path}`,
      filename: '0000.parquet',
      size: repo.at(CONVERTED)?.files.get(path)?.size ?? 0,
    };
  });
  const partial = isPartial(repo);
  return config === null
    ? { parquet_files, ...COMPLETE, partial }
    : { parquet_files, features: tables[0]?.features ?? {}, partial };
}

/** `/size` */
export function size(repo: HubRepo, config: string | null): object {
  const measured = tablesOf(repo, config).map((table) => measure(repo, table));
  const names = [...new Set(measured.map((one) => one.config))];
  const perConfig = names.map((name) => {
    const own = measured.filter((one) => one.config === name);
    const summed = sum(own);
    return {
      dataset: repo.facts.id,
      config: name,
      num_bytes_original_files: summed.num_bytes_parquet_files,
      ...summed,
      num_columns: own[0]?.num_columns ?? 0,
      estimated_num_rows: null,
    };
  });
  const partial = isPartial(repo);
  if (config !== null) return { size: { config: perConfig[0], splits: measured }, partial };
  const whole = sum(measured);
  const dataset = {
    dataset: repo.facts.id,
    num_bytes_original_files: whole.num_bytes_parquet_files,
    ...whole,
    estimated_num_rows: null,
  };
  return { size: { dataset, configs: perConfig, splits: measured }, ...COMPLETE, partial };
}

/** `/info` */
export function info(repo: HubRepo, config: string | null): object {
  const tables = tablesOf(repo, config);
  const all = Object.fromEntries(
    [...new Set(tables.map((table) => table.config))].map((name) => [name, configInfo(repo, name)]),
  );
  const partial = isPartial(repo);
  return config === null ? { dataset_info: all, ...COMPLETE, partial } : { dataset_info: all[config] ?? {}, partial };
}

function configInfo(repo: HubRepo, config: string): object {
  const tables = tablesOf(repo, config);
  const measured = tables.map((table) => measure(repo, table));
  const { num_bytes_memory, num_bytes_parquet_files } = sum(measured);
  const dataset_name = repo.facts.id.split('/').at(-1)?.replaceAll('-', '_');
  return {
    description: '',
    citation: '',
    homepage: '',
    license: '',
    features: tables[0]?.features,
    builder_name: 'parquet',
    dataset_name,
    config_name: config,
    version: { version_str: '0.0.0', major: 0, minor: 0, patch: 0 },
    splits: Object.fromEntries(
      measured.map(({ split, num_bytes_memory: num_bytes, num_rows }) => [
        split,
        { name: split, num_bytes, num_examples: num_rows, dataset_name: null },
      ]),
    ),
    download_size: num_bytes_parquet_files,
    dataset_size: num_bytes_memory,
  };
}

function isPartial({ facts }: HubRepo): boolean {
  return (facts.claimsTimes ?? 1) > 1;
}

function measure(repo: HubRepo, table: HubTable) {
  const times = repo.facts.claimsTimes ?? 1;
  return {
    dataset: repo.facts.id,
    config: table.config,
    split: table.split,
    num_bytes_parquet_files: repo.at(CONVERTED)?.files.get(convertedPath(table))?.size ?? 0,
    num_bytes_memory: Buffer.byteLength(JSON.stringify(table.rows)) * times,
    num_rows: table.rows.length * times,
    num_columns: Object.keys(table.features).length,
    estimated_num_rows: null,
  };
}

function sum(measured: readonly ReturnType<typeof measure>[]) {
  const total = (pick: (one: ReturnType<typeof measure>) => number) =>
    measured.reduce((all, one) => all + pick(one), 0);
  return {
    num_bytes_parquet_files: total((one) => one.num_bytes_parquet_files),
    num_bytes_memory: total((one) => one.num_bytes_memory),
    num_rows: total((one) => one.num_rows),
  };
}
