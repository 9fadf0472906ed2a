import { type Command, Option } from 'commander';
import { type DatasetSettings, PRESETS, REJECTS, type Reject } from '../../rollout/dataset/dataset-settings.js';
import { count } from '../config-flags.js';
import { amount, tokenCount } from '../option-kinds.js';

/** Flags that decide what is kept; they stand over the file of settings. */
export interface SelectionFlags {
  config?: string;
  preset?: DatasetSettings['filter']['preset'];
  where?: string;
  k?: number;
  maxTokens?: number;
  allow?: Reject[];
  perTask?: number;
  perTaskOrder?: DatasetSettings['per_task_order'];
  keepDuplicates?: boolean;
  heldOut?: number;
  seed?: number;
  tokenizer?: string;
}

/** Adds what decides which trajectories are kept. */
export function addSelectionFlags(command: Command): Command {
  return command
    .option('--config <file>', 'settings as YAML; flags stand over it')
    .optionsGroup('What is kept:')
    .addOption(new Option('--preset <name>', 'filter that ships; default: paper').choices([...PRESETS]))
    .option('--where <expression>', 'what must hold as well, such as \'steps <= 40 && task in ["a/b-v1"]\'')
    .option('--k <n>', 'of top-k: best trajectories of each task; default: 4', count(1))
    .option(
      '--max-tokens <n>',
      'drops longer trajectories; default: 49152 with paper, no limit with others',
      tokenCount(1),
    )
    .addOption(new Option('--allow <kind...>', 'does not reject these').choices([...REJECTS]))
    .option('--per-task <n>', 'most trajectories of one task', count(1))
    .addOption(
      new Option('--per-task-order <order>', 'which ones a cap keeps; default: random').choices([
        'random',
        'best',
        'shortest',
      ]),
    )
    .option('--keep-duplicates', 'keeps episodes of a task in which the agent did the same')
    .addOption(amount('--held-out <share>', 'share of the tasks that become the test split; default: 0.1', 1))
    .option('--seed <n>', 'decides ties, splits and the order of rows', count(0))
    .optionsGroup('How it is counted:')
    .option('--tokenizer <path>', "the student's tokenizer.json, or its directory; without it tokens are estimated");
}
