import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AgentLimits } from '../../agent/agent-limits.js';
import { CliError } from '../cli-error.js';
import { addGymFlags, count } from '../config-flags.js';
import type { PlayFlags } from '../gym/connect-gym.js';

/** Flags of `gymsmith run`. */
export interface RunFlags extends PlayFlags {
  model: string;
  baseUrl?: string;
  apiKeyFile?: string;
  prices?: string;
  tokenizer?: string;
  modelSettings?: string;
  /** Null: what the endpoint prefers. */
  temperature: number | null;
  topP: number | null;
  maxTokens?: number;
  stream: boolean;
  agent: string;
  dialect?: 'text' | 'tools';
  seed?: number;
  maxSteps?: number;
  /** Dollars. */
  costLimit: number;
  totalCostLimit: number;
  tokenLimit: number;
  contextTokens: number;
  /** Seconds. */
  timeLimit: number;
  runs: number;
  parallel?: number | true;
  out?: string;
  suffix: string;
  memory?: boolean;
  quiet?: boolean;
  json?: boolean;
}

/** Adds everything that `gymsmith run` takes beside the task. */
export function addRunFlags(command: Command): Command {
  command
    .option('--model <name>', 'NAME of an endpoint, script:FILE, replay:FILE.traj, submit-baseline or human')
    .option('--base-url <url>', 'endpoint that speaks chat completions (OPENAI_BASE_URL)')
    .option('--api-key-file <file>', 'file that holds the key of the endpoint (OPENAI_API_KEY holds it itself)')
    .addOption(sampling('--temperature <n>', 'from 0 to 2, or none for what the endpoint prefers', 2).default(0))
    .addOption(sampling('--top-p <n>', 'from 0 to 1, or none', 1).default(0.95))
    .option('--max-tokens <n>', 'most tokens of one answer', count(1))
    .option('--no-stream', 'take each answer as a whole')
    .option('--prices <file>', 'prices of models, over those that are built in (GYMSMITH_PRICES)')
    .option('--tokenizer <file>', 'tokenizer.json of the model, to count tokens exactly')
    .option(
      '--model-settings <file>',
      'what else the endpoint is asked with: extra_body, stop, retry... (docs/models.md)',
    )
    .option('--agent <name|file>', "an agent that ships, or a YAML of MLGym's, SWE-agent's or ours", 'default')
    .addOption(
      new Option('--dialect <name>', 'actions in text, or as calls of tools; default: as the agent has it').choices([
        'text',
        'tools',
      ]),
    )
    .option('--max-steps <n>', "step limit; default: the task's", count(1, 10_000))
    .option('--cost-limit <usd>', 'dollars of one run, 0 for none', amount, 3)
    .option('--total-cost-limit <usd>', 'dollars of all runs together, 0 for none', amount, 0)
    .option('--token-limit <n>', 'tokens of one run, in and out, 0 for none', count(0), 0)
    .option('--context-tokens <n>', 'most input tokens of one call, 0 for what the model reads', count(0), 0)
    .option('--time-limit <s>', 'seconds of one run, 0 for none', amount, 0)
    .option('--seed <n>', 'seed of the episodes', count(0))
    .option('--runs <n>', 'how often the task is played', count(1, 10_000), 1)
    .option('--parallel [n]', 'runs at once; without a number all', count(1))
    .option('--out <directory>', 'where runs are kept; default: ./trajectories/<user>')
    .option('--memory', 'the memory file of the task is there, and kept for its next episode')
    .option('--suffix <text>', 'appended to the names of the runs', '')
    .option('--quiet', 'show only what came of it')
    .option('--json', 'print one line of JSON for each run, and nothing else')
    .option('--url <url>', 'server to play on; without it a gym is opened in this process')
    .option('--token <token>', 'token of that server (GYMSMITH_TOKEN)');
  return addGymFlags(command).hook('preAction', requireModel);
}

/** Not left to commander, which would ask for a model where its flag has a typing error. */
function requireModel(command: Command): void {
  if (command.opts<RunFlags>().model !== undefined) return;
  throw new CliError(
    'Say who plays: --model, such as --model gpt-4.1-mini.',
    'Without an account: --model script:packs/reference/solutions/breast-cancer.json; more: gymsmith run --help',
    2,
  );
}

/** @returns the limits of one run */
export function limitsOf(flags: RunFlags): AgentLimits {
  return {
    taskUsd: flags.costLimit,
    totalUsd: flags.totalCostLimit,
    taskTokens: flags.tokenLimit,
    contextTokens: flags.contextTokens,
    timeMs: flags.timeLimit * 1000,
  };
}

/**
 * @returns the key of the endpoint; never taken from the command line, which other users of the machine can see
 * @throws CliError
 */
export function apiKeyOf({ apiKeyFile }: RunFlags, fromEnvironment: string | undefined): string | undefined {
  if (apiKeyFile === undefined) return fromEnvironment;
  try {
    const key = readFileSync(apiKeyFile, 'utf8').trim();
    if (key !== '' && !/\s/.test(key)) return key;
  } catch (error) {
    throw new CliError(`The key file cannot be read: ${(error as Error).message}`);
  }
  throw new CliError(`${apiKeyFile} holds no key: it must hold the key and nothing else.`);
}

function sampling(flags: string, description: string, most: number): Option {
  return new Option(flags, description).argParser((value) => {
    if (value === 'none') return null;
    const number = Number(value);
    if (value.trim() !== '' && number >= 0 && number <= most) return number;
    throw new InvalidArgumentError(`It must be a number from 0 to ${most}, or none.`);
  });
}

function amount(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It must be a number of at least 0.');
}
