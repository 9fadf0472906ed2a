import { readFeatures } from './hub-features.js';
import { writeParquet } from './hub-parquet.js';
import { HubRepo, type HubRepoFacts } from './hub-repo.js';
import { type HubTable, readRows } from './hub-table.js';
import { convertTables } from './viewer-facts.js';

/**
 * Makes a repository of a dataset from its files: rows of the splits that the card (`README.md`) names, and the branch of converted
 * files. A split of pictures lies in a file of JSON lines with the bytes in base64; where the card names a Parquet file instead, that is
 * made of `<split>.jsonl` and stands in its place.
 * @throws Error for a card that names a missing file, columns of no known type, or another format
 */
export function datasetRepo(
  facts: Omit<HubRepoFacts, 'type'>,
  files: Readonly<Record<string, string | Uint8Array>>,
): HubRepo {
  const repo = new HubRepo({ ...facts, type: 'dataset' });
  const shown: Record<string, string | Uint8Array> = { ...files };
  repo.commit({ files: shown });
  const large: string[] = [];
  for (const { config, split, path, ...told } of repo.card.splits) {
    const features = readFeatures(told.features);
    const source = path.endsWith('.parquet') ? `${split}.jsonl` : path;
    const given = files[source];
    if (given === undefined) throw new Error(`${facts.id}: its card names ${path}, and there is no ${source}`);
    const contents = typeof given === 'string' ? new TextEncoder().encode(given) : given;
    const table: HubTable = { config, split, features, rows: readRows(source, contents, features) };
    repo.tables.push(table);
    if (source !== path) {
      delete shown[source];
      shown[path] = writeParquet(table);
    }
    large.push(path);
  }
  if (large.length > 0) {
    repo.commits.pop();
    repo.commit({ files: shown, lfs: large.filter((path) => path.endsWith('.parquet') || facts.claimsTimes) });
  }
  convertTables(repo);
  return repo;
}
