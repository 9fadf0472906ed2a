import { type Command, Option } from 'commander';
import type { GymFlags } from '../config-flags.js';
import { count, packOption } from '../config-flags.js';
import { amount, repeated } from '../option-kinds.js';

/** Flags that decide what is sampled; they stand over the file of settings. */
export interface SampleSettingFlags {
  config?: string;
  task?: string[];
  exclude?: string[];
  attempts?: number;
  player?: string[];
  teacher?: string[];
  everyPlayer?: boolean;
  baseUrl?: string;
  agent?: string;
  dialect?: 'text' | 'tools';
  temperature?: number;
  topP?: number;
  seed?: number;
  maxSteps?: number;
  costLimit?: number;
  tokenLimit?: number;
  timeLimit?: number;
  maxUsd?: number;
  maxTokens?: number;
  maxGpuHours?: number;
  maxHours?: number;
  episodes?: number;
  questions?: number;
  tries?: number;
  url?: string[];
  pack?: string[];
}

/** Flags of `gymsmith sample run`. */
export interface SampleRunFlags extends SampleSettingFlags, Pick<GymFlags, 'backend'> {
  out: string;
  token?: string;
  prices?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Adds what decides a run of sampling, how others are reached, and what is shown. */
export function addSampleRunFlags(command: Command): Command {
  return command
    .option('--config <file>', 'settings as YAML; flags stand over it')
    .optionsGroup('What is played:')
    .addOption(repeated('--task <pattern>', 'env id, * for any text; may be repeated; default: every task'))
    .addOption(repeated('--exclude <pattern>', 'tasks that are left out; may be repeated'))
    .option('--attempts <n>', 'attempts at each task; default: 256', count(1))
    .option('--seed <n>', 'decides seeds of episodes, and who plays which', count(0))
    .optionsGroup('Who plays:')
    .addOption(repeated('--player <model[@weight]>', 'model that plays; may be repeated'))
    .addOption(repeated('--teacher <model[@weight]>', 'the same as --player'))
    .option('--every-player', 'each attempt is played by every model, and not by one of them')
    .option('--base-url <url>', 'endpoint of the models, up to /v1 (OPENAI_BASE_URL)')
    .option('--agent <name|file>', 'agent that they play with: a name that ships, or a file')
    .addOption(
      new Option('--dialect <name>', "actions in text, or as calls of tools; default: the agent's own").choices([
        'text',
        'tools',
      ]),
    )
    .addOption(amount('--temperature <n>', 'of every answer', 2))
    .addOption(amount('--top-p <n>', 'of every answer', 1))
    .optionsGroup('Where an episode ends, and is scored:')
    .option('--max-steps <n>', "step limit; default: the task's", count(1))
    .addOption(amount('--cost-limit <usd>', 'dollars of one episode, 0 for none; default: 4'))
    .option('--token-limit <n>', 'tokens of one episode, in and out, 0 for none', count(0))
    .option('--time-limit <s>', 'seconds of one episode, 0 for none', count(0))
    .optionsGroup('How much and how fast (may change when a run is taken up):')
    .addOption(amount('--max-usd <dollars>', 'end when so much is spent'))
    .option('--max-tokens <n>', 'end when so many tokens are sent and received', count(1))
    .addOption(amount('--max-gpu-hours <hours>', 'end when GPUs were held for so long'))
    .addOption(amount('--max-hours <hours>', 'end after so long, all processes of the run together'))
    .option('--episodes <n>', 'episodes at once; default: what the servers hold', count(1))
    .option('--questions <n>', 'questions to one model at once; default: what its endpoint takes', count(1))
    .option('--tries <n>', "most times that an attempt is played when others' faults end it", count(1))
    .optionsGroup('Where it is played:')
    .addOption(repeated('--url <url>', 'server; may be repeated; without one a gym is opened in this process'))
    .option('--token <token>', 'token of the servers (GYMSMITH_TOKEN)')
    .addOption(packOption())
    .addOption(new Option('--backend <name>', 'where sandboxes come from').choices(['auto', 'docker', 'local']))
    .option('--prices <file>', 'prices of models over the built-in ones (GYMSMITH_PRICES)')
    .optionsGroup('Before and after:')
    .option('--dry-run', 'show plan and projection, play nothing, write nothing')
    .option('-y, --yes', 'begin without asking back')
    .option('--json', 'print a line of JSON for every episode and one for the end, and progress on standard error')
    .option('-q, --quiet', 'no progress');
}
