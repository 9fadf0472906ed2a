import { Command } from 'commander';
import { addSelectionFlags } from './selection-flags.js';
import type { StatsFlags } from './show-stats.js';

const EXAMPLES = `
Examples:
  gymsmith dataset stats sample-run                        what the labels say, and what each preset would keep
  gymsmith dataset stats sample-run --tokenizer Qwen3-8B   tokens as the student counts them
  gymsmith dataset stats run-1 run-2 --preset none --where 'valid >= 1 && steps <= 40'
  gymsmith dataset stats trajectories --json               a directory with .traj files
  gymsmith dataset stats out                               what a dataset holds that was built

A filter asks labels: valid >= 1 && tokens <= 48K && !cheating && task in ["a/b-v1"] && model matches "qwen.*"
48K is 48 × 1024. A comparison with what is not known does not hold; best == null asks for it.
Exit code: 0 shown, 1 it cannot be read, 2 wrong usage, settings or filter, 130 stopped.`;

/** `gymsmith dataset stats` */
export function statsCommand(): Command {
  return addSelectionFlags(new Command('stats'))
    .description('show what trajectories are like and what filters keep of them, or what a dataset holds')
    .argument('[place...]', 'runs of sampling, directories with .traj files; or a dataset that was built')
    .optionsGroup('How it is shown:')
    .option('--all', 'every task and model')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (places: string[], flags: StatsFlags) => {
      const { showStats } = await import('./show-stats.js');
      await showStats(places, flags);
    });
}
