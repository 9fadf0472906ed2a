import type { DatasetFile } from '../manifest.js';

/** @returns patterns that match the files of each split, and none of an earlier dataset with another number of files */
export function dataFiles(files: readonly DatasetFile[]): { split: string; path: string | string[] }[] {
  return (['train', 'test'] as const).flatMap((split) => {
    const shards = files.filter((file) => file.split === split && file.rows > 0);
    const paths = [...new Set(shards.map(({ path }) => path.replace(/\d+(?=-of-\d+)/, '*')))];
    return paths.length === 0 ? [] : [{ split, path: paths.length === 1 ? paths[0]! : paths }];
  });
}
