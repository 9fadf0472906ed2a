import type { EvaluatorReport, Metrics } from '../../protocol/index.js';
import type { ExecResult } from '../../sandbox/sandbox.js';
import type { EpisodeSettings } from '../episode/episode-options.js';
import { EVALUATOR_REPORT_CHARACTERS } from '../limits.js';
import { decodeOutput } from '../observation/decode-output.js';
import { filterOutput } from '../observation/filter-output.js';
import { formatErrorText, SUBMISSION_NOT_FOUND, validText } from '../observation/observation.js';
import type { Task } from '../task.js';
import type { EvaluationError } from './exit-status.js';
import { judgeMetrics } from './judge-metrics.js';
import { parseMetrics, parseMlgymMetrics } from './parse-metrics.js';

/** What came of one evaluation. */
export interface Evaluation {
  verdict: 'scored' | 'not_found' | 'format_error' | 'failed';
  /** What the agent sees of it after a `validate`. */
  text: string;
  /** The score; null unless the verdict is `scored`. */
  score: number | null;
  /** What the evaluator printed; null unless the verdict is `scored`. */
  metrics: Metrics | null;
  /** The same as Python's `json.dumps` writes it. */
  metricsJson: string | null;
  /** What was evaluated, in the way that MLGym names it. */
  submission: string | null;
  error: EvaluationError | null;
  /** The same for programs, finer. */
  report: EvaluatorReport;
}

const DID_NOT_RUN = { exit_code: null, stdout_lines: 0, stderr_lines: 0 };

const NOTHING = { score: null, metrics: null, metricsJson: null, submission: null, error: null } as const;

function clip(text: string): string {
  if (text.length <= EVALUATOR_REPORT_CHARACTERS) return text;
  const half = EVALUATOR_REPORT_CHARACTERS / 2;
  return `${text.slice(0, half)}\n[...]\n${text.slice(-half)}`;
}

/** There is no submission. @param refused what looked like one and was not taken */
export function notFound(refused: readonly { path: string; reason: string }[]): Evaluation {
  const listed = refused.slice(0, 10).map(({ path, reason }) => `${path} (${reason.replaceAll('_', ' ')})`);
  const note = listed.length > 0 ? `\nNot taken: ${listed.join(', ')}.` : '';
  const report = { ...DID_NOT_RUN, result: 'no_submission' as const };
  return { ...NOTHING, verdict: 'not_found', text: SUBMISSION_NOT_FOUND + note, report };
}

/** The submission cannot be evaluated, in Python's words. */
export function refused(error: EvaluationError): Evaluation {
  return failed(error, { ...DID_NOT_RUN, result: 'submission_refused' });
}

function failed(error: EvaluationError, report: EvaluatorReport): Evaluation {
  return { ...NOTHING, verdict: 'failed', text: `Error: ${error.message}`, error, report };
}

function linesOf(text: string): number {
  const filtered = filterOutput(text);
  return filtered === '' ? 0 : filtered.split('\n').length;
}

/** What is known when a run is judged. */
export interface JudgedRun {
  /** What was evaluated, in the way that MLGym names it. */
  submission: string;
  /** Scores of the baseline in Python's words. */
  baseline: string | null;
  compat: EpisodeSettings['compat'];
}

/** Judges a run of the evaluator: by MLGym's rules, or by ours, under which a run that did not end well gives no score. */
export function judge(task: Task, run: ExecResult, { submission, baseline, compat }: JudgedRun): Evaluation {
  const isMlgym = compat === 'mlgym';
  const streams = { stdout: decodeOutput(run.stdout), stderr: decodeOutput(run.stderr) };
  // Python writes its standard output at the end of a run, behind what it complained of meanwhile.
  const facts = {
    exit_code: run.status === 'exited' ? run.exitCode : null,
    stdout_lines: linesOf(streams.stdout),
    stderr_lines: linesOf(streams.stderr),
  };
  const inOrder = isMlgym ? [streams.stderr, streams.stdout] : [streams.stdout, streams.stderr];
  if (run.status === 'timed_out') {
    const output = clip(isMlgym ? inOrder.join('') : inOrder.map(filterOutput).filter(Boolean).join('\n'));
    const message = `Timeout reached while reading from subprocess.\nCurrent buffer: ${output}`;
    return failed({ class: 'TimeoutError', message }, { ...facts, result: 'timed_out' });
  }
  const output = clip(inOrder.map(filterOutput).filter(Boolean).join('\n'));
  const printed = isMlgym
    ? parseMlgymMetrics(task.entrypoint, filterOutput(streams.stdout), filterOutput(streams.stderr))
    : parseMetrics(streams.stdout);
  if (!printed) {
    const isNoise = run.exitCode === 0 && parseMetrics(streams.stdout) !== null;
    const result = run.exitCode !== 0 ? 'bad_exit' : isNoise ? 'noise' : 'no_metrics';
    return { ...NOTHING, verdict: 'format_error', text: formatErrorText(output), report: { ...facts, result } };
  }
  if (!isMlgym && run.exitCode !== 0) {
    const message = `The evaluation script ended with status ${run.exitCode}. Output:\n---\n${output}\n---`;
    return failed({ class: 'RuntimeError', message }, { ...facts, result: 'bad_exit' });
  }
  const judged = judgeMetrics(printed, task.sidecar.metric);
  const text = validText(submission, baseline, printed.repr);
  if ('fault' in judged) {
    const message = `The submission is invalid: ${judged.fault}.`;
    const fault = failed({ class: 'ValueError', message }, { ...facts, result: judged.kind });
    // MLGym shows whatever was printed; what is beyond the bounds is told to be.
    return isMlgym && judged.kind !== 'metric_out_of_bounds' ? { ...fault, text } : fault;
  }
  const { metrics, json: metricsJson } = printed;
  const report = { ...facts, result: 'scored' as const };
  return { verdict: 'scored', text, score: judged.score, metrics, metricsJson, submission, error: null, report };
}
