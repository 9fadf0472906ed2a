import { shownText } from '../agent/shown-text.js';
import { ClientError } from '../client/index.js';
import { storageFault } from '../files/storage-fault.js';
import { RpcError } from '../protocol/index.js';
import { CliError } from './cli-error.js';
import type { Output } from './output.js';

/** What to do about a code, where the message does not say it. */
const REMEDIES: Record<string, string> = {
  unauthorized: 'Give the token of the server: --token, or the variable GYMSMITH_TOKEN.',
  unknown_task: 'All of them: gymsmith tasks list',
  connection_failed: 'Is the server running? Start one with: gymsmith serve',
  capacity_reached: 'Wait for others to end, or start the server with a larger --max-episodes or --max-sessions.',
  sandbox_unavailable: 'See what is missing: gymsmith doctor',
};

/** Errors whose message says all; by name, because their classes would load the whole server. */
const EXPLAINED: ReadonlySet<string> = new Set([
  'SettingsError',
  'AddressError',
  'AgentConfigError',
  'PromptError',
  'ModelSpecError',
  'ModelFileError',
  'PriceFileError',
  'TrajectoryError',
  'PromptFault',
  'RunError',
  'TrainError',
  'RepositoryError',
  'SupplyFault',
  'StorageFault',
  'StageFault',
  'StoreError',
  'BudgetReached',
]);

/**
 * Prints an error for a person.
 * @param isDebug with stack and causes
 * @returns the exit code of the process
 */
export function reportError(thrown: unknown, output: Output, isDebug: boolean): number {
  const error = (isOfSystem(thrown) && storageFault(thrown, thrown.path)) || thrown;
  const known = error instanceof RpcError || error instanceof ClientError;
  const message = error instanceof Error ? error.message : String(error);
  output.line(`${output.style('bad', 'error')}${known ? ` (${error.code})` : ''}: ${shownText(message)}`);
  const remedy =
    error instanceof CliError || hasRemedy(error) ? error.remedy : known ? REMEDIES[error.code] : undefined;
  if (remedy) output.line(remedy);
  if (isDebug && error instanceof Error) {
    output.line(output.style('faint', error.stack ?? ''));
    for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
      output.line(output.style('faint', `caused by ${cause.stack}`));
    }
  }
  if (error instanceof CliError) return error.exitCode;
  if (!known && !isDebug && !(error instanceof Error && EXPLAINED.has(error.name)))
    output.line(output.style('faint', 'Run it again with --debug to see where this comes from.'));
  return 1;
}

/** Of the file system, with the file. */
function isOfSystem(error: unknown): error is Error & { path: string } {
  return error instanceof Error && 'code' in error && 'path' in error && typeof error.path === 'string';
}

/** By name, because their classes would load what most commands do not need. */
function hasRemedy(error: unknown): error is Error & { remedy: string } {
  return error instanceof Error && (error.name === 'RunError' || error.name === 'StoreError') && 'remedy' in error;
}
