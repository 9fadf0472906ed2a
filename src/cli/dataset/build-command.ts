import { Command, type Command as CommandType, Option } from 'commander';
import { VIEWS } from '../../rollout/dataset/dataset-settings.js';
import { count } from '../config-flags.js';
import { tokenCount } from '../option-kinds.js';
import type { BuildFlags } from './run-build.js';
import { addSelectionFlags } from './selection-flags.js';

const EXAMPLES = `
Examples:
  gymsmith dataset build sample-run --out data-1 --tokenizer Qwen3-8B
  gymsmith dataset build run-1 run-2 --out data-2 --preset improves --per-task 64 --where 'steps <= 40'
  gymsmith dataset build trajectories --out data-3 --view turns --format parquet
  gymsmith dataset build sample-run --out data-4 --config dataset.yaml --dry-run

SOURCE is a run of gymsmith sample, a directory with .traj files (of any writer, at any depth), or one such file. Trajectories are labelled
once: labels are kept with runs, and for other sources in the state directory. The dataset is built beside its place (--out with .building)
and put there when it is whole; a build that was stopped or killed goes on with the same command. The same sources and settings give the
same bytes.
data/ has the rows as Parquet, jsonl/ as JSON lines (gzip), manifest.json what was kept and dropped and why, README.md the card of the Hub.
Exit code: 0 the dataset is there, 1 it is not, 2 wrong usage, settings or filter, 130 stopped.`;

/** `gymsmith dataset build` */
export function buildCommand(): CommandType {
  return addSelectionFlags(new Command('build'))
    .description(
      "make a dataset for training out of trajectories: rows in the student's chat template, with loss spans",
    )
    .argument('[source...]', 'runs of sampling, directories with .traj files')
    .requiredOption('--out <directory>', 'of the dataset')
    .optionsGroup('What rows are:')
    .addOption(new Option('--view <view>', 'what of the history a row holds; default: full').choices([...VIEWS]))
    .option(
      '--truncate <n>',
      'cuts rows at the end of a turn to so many tokens (32K); 0: never; default: 32768',
      tokenCount(0),
    )
    .option('--format <list>', 'jsonl, parquet; default: jsonl,parquet', (value: string) => value.split(','))
    .option('--shard-rows <n>', 'rows of a file; default: 500', count(1))
    .optionsGroup('What its card says:')
    .option('--title <text>', 'what the dataset is called; default: made of the number of tasks')
    .option('--license <name>', 'as the Hub names it, such as apache-2.0; default: none is said')
    .optionsGroup('How it is built:')
    .option('--threads <n>', 'threads that read and write; default: one a processor, at most 4', count(1))
    .option('--dry-run', 'says what would be kept, and writes nothing but labels')
    .option('--force', 'puts it into the place of what is there')
    .option('--json', 'prints the manifest as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (sources: string[], flags: BuildFlags) => {
      const { runBuild } = await import('./run-build.js');
      await runBuild(sources, flags);
    });
}
