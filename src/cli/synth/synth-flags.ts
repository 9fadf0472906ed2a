import { type Command, Option } from 'commander';
import type { Config } from '../../config.js';
import { count } from '../config-flags.js';
import { amount, repeated } from '../option-kinds.js';

/** Flags that decide what a synthesis does; they stand over the configuration file. */
export interface SettingFlags {
  config?: string;
  topics?: number;
  tasksPerTopic?: number;
  topicBatch?: number;
  topicList?: string;
  fromRepo?: string;
  component?: string;
  teacher?: string[];
  reviewer?: string;
  baseUrl?: string;
  pDebug?: number;
  k?: number;
  /** False with --no-debug. */
  debug: boolean;
  hubCheck: boolean;
  gates?: string[];
  /** True without --no-gate. */
  gate: true | string[];
  agent?: string;
  agentEpisodes?: number;
  agentMaxSteps?: number;
  image?: string;
  seed?: number;
  maxUsd?: number;
  maxTokens?: number;
  maxGpuHours?: number;
  concurrency?: number;
  teacherConcurrency?: number;
  sandboxes?: number;
  contamination?: string[];
  prompts?: string;
  pack?: string;
  namespace?: string;
  reload?: string;
}

/** Flags of a run. */
export interface SynthRunFlags extends SettingFlags {
  out: string;
  replay?: string;
  offline?: boolean;
  prices?: string;
  backend?: Config['backend'];
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Where runs lie unless a flag says otherwise. */
const DEFAULT_OUT = 'synth-run';

/** Adds what decides what a synthesis does. */
export function addSettingFlags(command: Command): Command {
  return command
    .option('--config <file>', 'settings as YAML; flags stand over it')
    .optionsGroup('What is made:')
    .option('--topics <n>', 'topics to sample', count(1))
    .option('--tasks-per-topic <n>', 'candidates of each topic', count(1))
    .option('--topic-batch <n>', 'topics asked for in one question', count(1))
    .option('--topic-list <file>', 'topics of your own, one a line, instead of sampled ones')
    .option('--from-repo <path@commit>', 'make tasks from a code base instead of topics')
    .option('--component <name>', 'what of the code base the tasks are about')
    .option('--seed <n>', 'decides what is left to chance', count(0))
    .optionsGroup('Who makes it:')
    .addOption(repeated('--teacher <model[@weight]>', 'model that writes and plays tasks; may be repeated'))
    .option('--base-url <url>', 'endpoint of the teachers, up to /v1 (OPENAI_BASE_URL)')
    .option('--reviewer <model>', 'model of the review gate; default: the teacher')
    .option('--prompts <directory>', 'prompts that stand over those that ship, by name')
    .option('--agent <name>', 'agent that plays a task: a name that ships, or a file')
    .option('--image <image>', 'image that tasks run in')
    .optionsGroup('What is switched (ablations are kept with the run):')
    .addOption(amount('--p-debug <p>', 'probability that a failure is repaired with its evidence, not begun anew', 1))
    .option('--k <n>', 'attempts after the first one', count(0))
    .option('--no-debug', 'the first attempt is the last one; the same as --k 0')
    .option('--no-hub-check', 'take the proposed datasets at their word')
    .option('--gates <names>', 'gates that judge, and no others: structure,triple,... or none', words)
    .addOption(repeated('--no-gate <name>', 'a gate that does not judge; may be repeated'))
    .option('--agent-episodes <n>', 'episodes that the teacher plays of each task; 0: none', count(0))
    .option('--agent-max-steps <n>', 'steps of such an episode', count(1))
    .addOption(repeated('--contamination <place>', 'a pack or checkout that tasks may not repeat; may be repeated'))
    .optionsGroup('How much and how fast (may change when a run is taken up):')
    .addOption(amount('--max-usd <dollars>', 'end when so much is spent'))
    .option('--max-tokens <n>', 'end when so many tokens are sent and received', count(1))
    .addOption(amount('--max-gpu-hours <hours>', 'end when GPUs were held for so long'))
    .option('--concurrency <n>', 'candidates under way at once', count(1))
    .option('--teacher-concurrency <n>', 'questions to the teachers at once', count(1))
    .option('--sandboxes <n>', 'sandboxes at once; default: what the machine holds', count(1))
    .optionsGroup('Where it goes:')
    .option('--pack <directory>', 'pack that is published into; default: pack in the directory of the run')
    .option('--namespace <name>', 'first part of env ids')
    .option('--reload <url>', 'server that loads the pack again after each task');
}

/** Adds where a run lies. */
export function addOutFlag(command: Command): Command {
  return command.option('--out <directory>', 'directory of the run; one that exists is taken up', DEFAULT_OUT);
}

/** Adds how others are reached and what is shown. */
export function addRunFlags(command: Command): Command {
  return addOutFlag(command)
    .option('--replay <run>', 'answer every question from another run; nobody is asked')
    .option('--offline', 'use what the cache has of the Hub (HF_HUB_OFFLINE)')
    .option('--prices <file>', 'prices of models over the built-in ones (GYMSMITH_PRICES)')
    .addOption(new Option('--backend <name>', 'where sandboxes come from').choices(['auto', 'docker', 'local']))
    .optionsGroup('Before and after:')
    .option('--dry-run', 'show plan and projection, ask nobody, write nothing')
    .option('-y, --yes', 'begin without asking back')
    .option('--json', 'print the report as JSON at the end, and progress on standard error')
    .option('-q, --quiet', 'no progress');
}

/** @returns names apart by commas */
export function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
