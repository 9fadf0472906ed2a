import { pythonStrip } from '../../python/python-strip.js';
import type { CommandResult } from '../../sandbox/sandbox.js';
import { NO_OUTPUT_TIMEOUT_MS } from '../limits.js';
import { decodeOutput, trimCutEnd, trimCutStart } from './decode-output.js';
import { filterOutput } from './filter-output.js';

/** Output as far as it was kept: head and tail with a cut between them. */
export type KeptOutput = Pick<CommandResult, 'output' | 'omittedBytes' | 'omittedAt' | 'logPath'>;

export const MALFORMED_EDIT =
  'Malformed edit command. Please ensure you use the `end_of_edit` keyword to mark the end of your edit.';
export const MALFORMED_INSERT =
  'Malformed insert command. Please ensure you use the `end_of_insert` keyword to mark the end of your insert.';
export const UNCARRIED_CHARACTER =
  'The action holds a NUL character or half of a surrogate pair, which no program can be given. Nothing was run.';
export const NOTHING_RUNS = 'No command is running.';
export const COMMAND_LOST = 'The command was lost before it began. Send it again.';
export const SKIPPED = 'Skipped';
export const SUBMISSION_NOT_FOUND =
  'Submission artefact not found. You have to produce a valid submission artefact as described in the task description to validate your results.';

export const EVALUATION_RUNNING =
  'The evaluation is still running. Send `wait` to wait for it; no other action is taken before that.';
export const TOOL_TIMED_OUT = '\nEXECUTION TIMED OUT BECAUSE THE COMMAND WAS RUNNING FOR MORE THAN 25 SECONDS.';

const STILL_RUNNING =
  'The command is still running. Send `wait` to wait for it, or `interrupt` to end it; no other action is taken before that.';

/** The text for an action that is too long; sizes in bytes. */
export function uncarriedLength(bytes: number, most: number): string {
  return `The action takes ${bytes} bytes of the ${most} that one may have. Nothing was run; write long files in several parts.`;
}

/** @returns what the agent sees of an output: decoded, filtered, and with a notice where the middle is left out */
export function outputText({ output, omittedBytes, omittedAt, logPath }: KeptOutput): string {
  if (omittedBytes === 0 || omittedAt === null) return filterOutput(decodeOutput(output));
  const head = filterOutput(decodeOutput(trimCutEnd(output.subarray(0, omittedAt))));
  const tail = filterOutput(decodeOutput(trimCutStart(output.subarray(omittedAt))));
  const where = logPath ? `; the whole output is in ${logPath}` : '';
  return [head, `[${omittedBytes} bytes of output are left out here${where}]`, tail].filter(Boolean).join('\n');
}

/** Whether a command took the shell with it: MLGym ends the episode there. */
export function shellLost(result: Pick<CommandResult, 'status'>): boolean {
  return result.status === 'shell_exited' || result.status === 'interrupt_failed';
}

/**
 * The observation of a finished command.
 * @param timeoutS limit of the command in seconds, as it was chosen
 */
export function commandText(result: CommandResult, timeoutS: number): string {
  const output = outputText(result);
  switch (result.status) {
    case 'exited':
    case 'syntax_error':
      return output;
    case 'timed_out':
      return `${output}\nEXECUTION TIMED OUT BECAUSE THE COMMAND WAS RUNNING FOR MORE THAN ${timeoutS} SECONDS.`;
    case 'no_output_timeout':
      return (
        `${output}\nEXECUTION TIMED OUT BECAUSE NO OUTPUT WAS PRODUCED FOR MORE THAN ${NO_OUTPUT_TIMEOUT_MS / 1000} SECONDS.\n` +
        'PLEASE REFINE YOUR RUNNING COMMAND SO IT WILL PRODUCE OUTPUT IN THE SPECIFIED TIME FRAME.'
      );
    case 'interrupted':
      return `${output}\nEXECUTION INTERRUPTED.`;
    case 'interrupt_failed':
      return `${output}\nEXECUTION TIMED OUT AND INTERRUPT FAILED. RESTARTING PROCESS.`;
    case 'shell_exited':
      return `${output}\nCOMMAND FAILED TO EXECUTE. RESTARTING PROCESS.`;
  }
}

/** The observation of a command that still runs. */
export function runningText(kept: KeptOutput): string {
  const output = outputText(kept);
  return output === '' ? STILL_RUNNING : `${output}\n${STILL_RUNNING}`;
}

/** The observation of a validation that gave a score; baseline and metrics in Python's words. */
export function validText(submission: string, baseline: string | null, metrics: string): string {
  return pythonStrip(
    `Your code produced a valid submission artefact at ${submission}.\n` +
      `Baseline Score: ${baseline ?? 'NA (no baseline was there)'}\nEvaluation Score: ${metrics}`,
  );
}

/** The text for an evaluator that printed no metrics. */
export function formatErrorText(output: string): string {
  return (
    `Failed to decode metrics from evaluation script. Output:\n---\n${output}\n---\n` +
    'Please make sure the evaluation script prints the metrics in json format.'
  );
}

/** The last observation of an episode. */
export function exitedText(reason: string): string {
  return `Exited (${reason})`;
}

/**
 * The observation of a command that led to an evaluation. MLGym drops what the command showed, and shows nothing else
 * when the shell is gone.
 */
export function evaluatedText(reason: string, before: string, text: string, compat: 'mlgym' | 'fixed'): string {
  if (reason === 'shell_lost') return before;
  return before === '' || compat === 'mlgym' ? text : `${before}\n${text}`;
}
