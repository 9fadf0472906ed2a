import type { Metrics } from '../../protocol/index.js';
import type { ExecResult } from '../../sandbox/sandbox.js';
import { EVALUATOR_REPORT_CHARACTERS } from '../limits.js';
import { decodeOutput } from '../observation/decode-output.js';
import { filterOutput } from '../observation/filter-output.js';
import { formatErrorText, SUBMISSION_NOT_FOUND, validText } from '../observation/observation.js';
import type { Task } from '../task.js';
import type { EvaluationError } from './exit-status.js';
import { judgeMetrics } from './judge-metrics.js';
import { parseMetrics } from './parse-metrics.js';

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
}

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
  return { ...NOTHING, verdict: 'not_found', text: SUBMISSION_NOT_FOUND + note };
}

/** The evaluation failed by an exception, in Python's words. */
export function failed(error: EvaluationError): Evaluation {
  return { ...NOTHING, verdict: 'failed', text: `Error: ${error.message}`, error };
}

/**
 * Judges a run of the evaluator.
 * @param facts `baseline`: scores of the baseline in Python's words; `strict`: a run that did not end well gives no
 *   score
 */
export function judge(
  task: Task,
  run: ExecResult,
  facts: { submission: string; baseline: string | null; strict: boolean },
): Evaluation {
  const stdout = decodeOutput(run.stdout);
  const output = clip([filterOutput(stdout), filterOutput(decodeOutput(run.stderr))].filter(Boolean).join('\n'));
  if (run.status === 'timed_out') {
    const message = `Timeout reached while reading from subprocess.\nCurrent buffer: ${output}`;
    return failed({ class: 'TimeoutError', message });
  }
  const printed = parseMetrics(stdout);
  if (!printed) return { ...NOTHING, verdict: 'format_error', text: formatErrorText(output) };
  if (facts.strict && run.exitCode !== 0) {
    const message = `The evaluation script ended with status ${run.exitCode}. Output:\n---\n${output}\n---`;
    return failed({ class: 'RuntimeError', message });
  }
  const judged = judgeMetrics(printed, task.sidecar.metric);
  if ('fault' in judged) return failed({ class: 'ValueError', message: `The submission is invalid: ${judged.fault}.` });
  return {
    verdict: 'scored',
    text: validText(facts.submission, facts.baseline, printed.repr),
    score: judged.score,
    metrics: printed.metrics,
    metricsJson: printed.json,
    submission: facts.submission,
    error: null,
  };
}
