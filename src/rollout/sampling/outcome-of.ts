import type { Outcome } from '../../store/attempt.js';
import type { RunRecord } from '../trajectory.js';

const MS_PER_HOUR = 3_600_000;

/** Answers that could not be used as an action; what is refused by endpoints is none. */
const FORMAT_FAULTS: ReadonlySet<string> = new Set(['format', 'empty', 'blocked']);

/** What is known of an episode beside its record. */
export interface OutcomeFacts {
  /** MLGym's word. */
  exitStatus: string;
  gpus: number;
  bytes: number;
  sha256: string;
}

/** @returns what an episode came to: a function of its record, so that one that is taken in later comes to the same */
export function outcomeOf(record: RunRecord, { exitStatus, gpus, bytes, sha256 }: OutcomeFacts): Outcome {
  const { direction, metric, baseline_scores, steps } = record;
  const evaluations = steps.filter(({ valid }) => valid !== null);
  const scores = evaluations.flatMap(({ valid, score }) => (valid && score !== null ? [score] : []));
  const better = direction === 'minimize' ? Math.min : Math.max;
  const best = scores.length > 0 ? better(...scores) : null;
  const last = evaluations.at(-1);
  const baseline = metric === null ? null : (baseline_scores?.[metric] ?? null);
  const calls = steps.flatMap((step) => step.calls);
  const answered = calls.filter(({ latency_ms, output_tokens }) => latency_ms > 0 || output_tokens > 0);
  const sum = (of: (call: (typeof calls)[number]) => number) => calls.reduce((total, call) => total + of(call), 0);
  const ms = Math.max(0, Date.parse(record.ended_at) - Date.parse(record.started_at));
  return {
    stop: record.stop,
    exit_status: exitStatus,
    steps: steps.length,
    submissions: evaluations.length,
    valid: scores.length,
    direction,
    best,
    last: last?.valid ? last.score : null,
    baseline,
    improves: best !== null && baseline !== null && (direction === 'minimize' ? best < baseline : best > baseline),
    format_errors: calls.filter(({ rejected }) => rejected !== null && FORMAT_FAULTS.has(rejected)).length,
    input_tokens: sum((call) => call.input_tokens),
    cached_tokens: sum((call) => call.cached_input_tokens),
    output_tokens: sum((call) => call.output_tokens),
    calls: calls.length,
    unpriced_calls: answered.filter(({ cost_usd }) => cost_usd === null).length,
    usd: sum((call) => call.cost_usd ?? 0),
    seconds: ms / 1000,
    model_seconds: sum((call) => call.latency_ms) / 1000,
    gpu_hours: (gpus * ms) / MS_PER_HOUR,
    bytes,
    sha256,
  };
}
