import type { ExitReason, ExitStatus } from '../../protocol/index.js';

/** What MLGym's exit status says of an exception: its class and its text. */
export interface EvaluationError {
  class: string;
  message: string;
}

/**
 * @returns the exit status in the words of MLGym; empty where MLGym has none: while an episode runs, after a close, and
 *   when the sandbox was lost
 */
export function mlgymExitStatus(
  status: ExitStatus | null,
  reason: ExitReason | null,
  error: EvaluationError | null = null,
): string {
  switch (status) {
    case null:
    case 'closed':
    case 'sandbox_unavailable':
      return '';
    case 'autosubmission':
    case 'submission_not_found':
    case 'evaluation_format_error':
      return `${status} (${reason})`;
    case 'evaluation_error':
      return `${error?.class ?? 'Exception'}, ${error?.message ?? ''}, (${reason})`;
    default:
      return status;
  }
}

/** Reasons that are the task's own end; every other one is a limit. */
const TERMINATING: ReadonlySet<ExitReason> = new Set(['submit', 'exit_forfeit', 'skip']);

/** @returns Gymnasium's pair: whether the task ended the episode, or a limit did */
export function endKind(reason: ExitReason): { terminated: boolean; truncated: boolean } {
  const terminated = TERMINATING.has(reason);
  return { terminated, truncated: !terminated };
}
