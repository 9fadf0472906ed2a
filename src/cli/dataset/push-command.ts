import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../../config.js';
import { CliError } from '../cli-error.js';
import { Output } from '../output.js';

interface Flags {
  repo: string;
  public?: boolean;
  branch: string;
  message: string;
  maxCommitBytes: number;
  overwrite?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

const MAX_COMMIT_BYTES = 2 * 2 ** 30;
const UNITS = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;

const EXAMPLES = `
Examples:
  gymsmith dataset push out --repo me/lab-notes --dry-run    what would be sent; nothing is changed
  gymsmith dataset push out --repo me/lab-notes              a private dataset, made where there is none
  gymsmith dataset push out --repo lab/notes --public        one that everybody may read
  gymsmith dataset push out --repo me/lab-notes --branch 2nd

HF_TOKEN holds a token that may write (nowhere else is one taken from), HF_ENDPOINT another Hub than huggingface.co. The files are compared
with the manifest first. Shards of a large dataset are put aside on a branch of their own; the last commit brings everything at once and
takes away the files of an earlier dataset, so readers see the one before or the new one, whole. A push that was stopped or killed goes on
with the same command. A private repository stays private, also with --public; a public one is refused without it.
Without an account: gymsmith stand-in hub.
Exit code: 0 the dataset is there, 1 it is not, 2 wrong usage, 130 stopped.`;

/** `gymsmith dataset push` */
export function pushCommand(): Command {
  return new Command('push')
    .description('bring a dataset to the Hugging Face Hub, privately unless told otherwise')
    .argument('<directory>', 'what gymsmith dataset build made')
    .requiredOption('--repo <owner/name>', 'dataset on the Hub', repoName)
    .option('--public', 'let everybody read a repository that is made, or push to one that is public')
    .option('--branch <name>', 'branch that gets it, made where there is none', branchName, 'main')
    .option('--message <text>', 'what the commit says', 'Dataset of Gymsmith')
    .option(
      '--max-commit-bytes <n>',
      'shards of more are put aside in commits of so many (K, M, G)',
      bytes,
      MAX_COMMIT_BYTES,
    )
    .option('--overwrite', 'replace a card that is not of Gymsmith')
    .option('--dry-run', 'compare and say what would be sent')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(push);
}

async function push(directory: string, flags: Flags): Promise<void> {
  const [{ pushDataset }, { openHub }, { RunError }, { PrepareProgress }, { abortOnSignal }, { printPush }] =
    await Promise.all([
      import('../../rollout/dataset/push/push-dataset.js'),
      import('../../hub/hub-access.js'),
      import('../../run/run-error.js'),
      import('../tasks/prepare-progress.js'),
      import('../tasks/abort-on-signal.js'),
      import('./print-push.js'),
    ]);
  if (flags.message.trim() === '') throw new CliError('--message is empty.', 'A commit needs a message.', 2);
  const access = await openHub(readConfig().network, (message, remedy) => new RunError(message, remedy));
  const listener = new PrepareProgress(new Output(process.stderr));
  const { signal, done } = abortOnSignal('stopped; the same command goes on');
  try {
    const report = await pushDataset({
      directory: path.resolve(directory),
      repo: flags.repo,
      isPublic: flags.public ?? false,
      branch: flags.branch,
      message: flags.message,
      maxCommitBytes: flags.maxCommitBytes,
      overwrite: flags.overwrite ?? false,
      isDryRun: flags.dryRun ?? false,
      access,
      listener,
      signal,
    });
    listener.clear();
    const output = new Output();
    if (flags.json) output.line(JSON.stringify(report));
    else printPush(report, flags, output);
  } finally {
    listener.clear();
    done();
  }
}

function repoName(value: string): string {
  if (/^(?!.*(?:--|\.\.))[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95}$/.test(value)) return value;
  throw new InvalidArgumentError('It must be owner/name.');
}

function branchName(value: string): string {
  if (/^(?!.*(?:\.\.|\/\/))[A-Za-z0-9_][\w./-]{0,199}$/.test(value) && !/[./]$/.test(value)) return value;
  throw new InvalidArgumentError('It must be a name of a branch.');
}

function bytes(value: string): number {
  const [, number = '', unit = ''] = /^([1-9]\d{0,14})([KMG]?)$/.exec(value) ?? [];
  if (number !== '') return Number(number) * UNITS[unit as keyof typeof UNITS];
  throw new InvalidArgumentError('It must be a number of bytes, such as 500M.');
}
