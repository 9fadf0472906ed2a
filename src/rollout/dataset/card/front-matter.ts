import { stringify } from 'yaml';
import type { DatasetManifest } from '../manifest.js';
import { cardTitle } from './card-title.js';
import { dataFiles } from './data-files.js';

/** Words of the Hub for how many rows there are. */
const SIZES: readonly [below: number, name: string][] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [1e7, '1M<n<10M'],
];

const TAGS = ['gymsmith', 'agent', 'trajectories', 'machine-learning-research', 'sft'];

/**
 * @returns what the Hub reads at the head of a card: which files are which split, in Parquet where there is any, and what it
 *   finds datasets by
 */
export function frontMatter(manifest: DatasetManifest): string {
  const { settings, files, rows } = manifest;
  const { license, language } = settings.card;
  // The `datasets` library reads all configurations of a card with the reader of the first one's files: a second format has none.
  const format = files.some((file) => file.format === 'parquet') ? 'parquet' : 'jsonl';
  const facts = {
    pretty_name: cardTitle(manifest),
    ...(license === null ? {} : { license }),
    language,
    task_categories: ['text-generation'],
    tags: TAGS,
    size_categories: [SIZES.find(([below]) => rows < below)?.[1] ?? 'n>10M'],
    configs: [
      {
        config_name: 'default',
        default: true,
        data_files: dataFiles(files.filter((file) => file.format === format)),
      },
    ],
  };
  return `---\n${stringify(facts, { lineWidth: 0 })}---\n`;
}
