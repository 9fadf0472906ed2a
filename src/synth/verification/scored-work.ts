import type { Proposal } from '../candidate.js';
import type { Evidence } from '../gates/gate.js';
import type { Reason } from '../reasons.js';
import type { StageContext } from '../stage.js';
import type { GateEpisode, ProgramRun, Scoring } from './gate-episode.js';
import { TaskFault } from './task-fault.js';

/** What a program says that looked for the network where there is none. */
const NETWORK =
  /name or service not known|temporary failure in name resolution|name resolution|nodename nor servname|getaddrinfo|network is unreachable|failed to establish a new connection|max retries exceeded|connection refused|no route to host|couldn't connect to|could not connect to|urlopen error|offline mode|connecttimeout|connecterror|localentrynotfounderror/i;
const SIGKILL = -9;
const TAIL_CHARACTERS = 4000;

/** @returns what shows how a program ended */
export function evidenceOf({ command, exitStatus, logTail }: ProgramRun): Evidence {
  return { command, exit_status: exitStatus, log_tail: logTail };
}

/** @returns what shows how an evaluation ended */
export function evidenceOfScoring(scoring: Scoring, kind: Proposal['submission']['kind']): Evidence {
  const { result, exit_code } = scoring.report;
  const status = exit_code === null ? result.replaceAll('_', ' ') : String(exit_code);
  const command = kind === 'predictions' ? 'python evaluate.py --submission_file submission.csv' : 'python evaluate.py';
  return { command, exit_status: status, log_tail: scoring.text.slice(-TAIL_CHARACTERS) };
}

/**
 * Runs the baseline with a seed.
 * @throws TaskFault when it fails, takes too long, or asks for the network
 */
export async function runBaseline(
  episode: GateEpisode,
  { settings }: Pick<StageContext, 'settings'>,
  seed: number,
): Promise<ProgramRun> {
  const { baseline_timeout_s } = settings.verification;
  const run = await episode.run('baseline.py', { SEED: String(seed) }, baseline_timeout_s);
  const evidence = evidenceOf(run);
  const said = run.logTail;
  if (run.timed_out) {
    throw new TaskFault('baseline_timeout', `baseline.py ran for more than ${baseline_timeout_s} s`, evidence);
  }
  if (run.code === 0) return run;
  if (NETWORK.test(said)) throw new TaskFault('network_use', 'baseline.py asked for the network', evidence);
  if (run.code === SIGKILL || /\bMemoryError\b|std::bad_alloc|cannot allocate memory/i.test(said)) {
    throw new TaskFault('baseline_too_big', `baseline.py ran out of memory (${run.exitStatus})`, evidence);
  }
  throw new TaskFault('baseline_failed', `baseline.py ended with ${run.exitStatus}: ${lastLine(said)}`, evidence);
}

const FAULTS: Readonly<Partial<Record<Scoring['report']['result'], readonly [Reason, string]>>> = {
  no_submission: ['no_submission', 'the baseline left no submission'],
  submission_refused: ['no_submission', 'what the baseline left cannot be handed in'],
  timed_out: ['evaluation_timeout', 'evaluate.py ran past its limit'],
  noise: ['evaluation_noise', 'evaluate.py prints more than its one line of JSON'],
  no_metrics: ['metric_missing', 'evaluate.py printed no JSON object'],
  metric_missing: ['metric_missing', 'what evaluate.py printed does not hold the metric'],
  metric_not_finite: ['metric_not_finite', 'the metric is no finite number'],
  metric_out_of_bounds: ['metric_out_of_bounds', 'the metric lies outside its bounds'],
};

/**
 * Takes the score of the baseline's work out of an evaluation.
 * @throws TaskFault when it has none, or what was printed is not what the contract asks for
 */
export function scoreOf(scoring: Scoring, proposal: Proposal): number {
  const { report, printed, score } = scoring;
  const { metric, submission } = proposal;
  const evidence = evidenceOfScoring(scoring, submission.kind);
  const fail = (fault: Reason, detail: string): never => {
    throw new TaskFault(fault, detail, evidence);
  };
  if (report.exit_code !== null && report.exit_code !== 0) {
    if (NETWORK.test(scoring.text)) fail('network_use', 'evaluate.py asked for the network');
    fail('evaluation_failed', `evaluate.py ended with status ${report.exit_code} for the submission of the baseline`);
  }
  if (score === null || printed === null) {
    const [fault, detail] = FAULTS[report.result] ?? ['evaluation_failed', 'evaluate.py did not end well'];
    return fail(fault, `${detail}${report.result.startsWith('metric') ? ` (${metric.name})` : ''}`);
  }
  if (report.stdout_lines !== 1 || report.stderr_lines > 0) {
    fail('evaluation_noise', `evaluate.py prints ${report.stdout_lines} lines where one is asked for`);
  }
  for (const [name, value] of printed) {
    if (isNumber(value) && !Number.isFinite(value.value)) fail('metric_not_finite', `${name} is no finite number`);
  }
  if (score < metric.lower || (metric.upper !== null && score > metric.upper)) {
    const range =
      metric.upper === null ? `is at least ${metric.lower}` : `lies between ${metric.lower} and ${metric.upper}`;
    if (!isRounding(score, metric)) fail('metric_out_of_bounds', `${metric.name} is ${score}, and ${range}`);
  }
  return score;
}

/** @returns names of what was printed that is no number */
export function textsAmong(printed: ReadonlyMap<string, unknown>): string[] {
  return [...printed].filter(([, value]) => !isNumber(value)).map(([name]) => name);
}

function isNumber(value: unknown): value is { kind: string; value: number } {
  return typeof value === 'object' && value !== null && 'kind' in value && 'value' in value;
}

function isRounding(score: number, { lower, upper }: Proposal['metric']): boolean {
  const slack = 1e-9 * Math.max(1, (upper ?? lower) - lower);
  return score >= lower - slack && (upper === null || score <= upper + slack);
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, 300);
}
