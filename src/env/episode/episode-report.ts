import type { EpisodeState, ExitReason, ExitStatus, Info, Observation, StepResult } from '../../protocol/index.js';
import type { Evaluation } from '../evaluation/evaluation.js';
import { type EvaluationError, endKind } from '../evaluation/exit-status.js';
import { reward } from '../evaluation/reward.js';
import type { Task } from '../task.js';
import { defaultState } from './default-state.js';
import type { EpisodeRecord } from './episode-record.js';

/** What one step came to. */
export interface StepOutcome {
  text: string;
  exitCode?: number | null;
  omittedBytes?: number;
  running?: boolean;
  evaluation?: Evaluation;
  evaluationMs?: number;
  /** Set when the episode ends with this step. */
  end?: { status: ExitStatus; reason: ExitReason; error?: EvaluationError | null };
}

function remainingSteps({ settings, step_count }: EpisodeRecord): number {
  return Math.max(0, settings.max_steps - step_count);
}

function ending({ end }: EpisodeRecord): { terminated: boolean; truncated: boolean } {
  return end ? endKind(end.exit_reason) : { terminated: false, truncated: false };
}

/** The score that rewards are measured against. */
function baselineScore(task: Task, scores: EpisodeRecord['baseline_scores']): number | null {
  const { baseline, metric } = task.sidecar;
  return baseline?.score ?? scores?.[metric.name] ?? null;
}

/** What the agent sees. */
export function observationOf(record: EpisodeRecord, outcome: StepOutcome): Observation {
  return {
    text: outcome.text,
    cwd: record.cwd,
    open_file: record.open_file,
    state: record.state ?? defaultState(record),
    step: record.step_count,
    remaining_steps: remainingSteps(record),
    exit_code: outcome.exitCode ?? null,
    running: outcome.running ?? false,
    omitted_bytes: outcome.omittedBytes ?? 0,
  };
}

/** What the trainer sees beside it. @param stepMs wall-clock of the step in milliseconds */
export function infoOf(record: EpisodeRecord, task: Task, outcome: StepOutcome, stepMs: number): Info {
  const { evaluation } = outcome;
  const { metric } = task.sidecar;
  return {
    episode_id: record.episode_id,
    task: task.envId,
    task_hash: task.contentHash,
    seed: record.settings.seed,
    metric: metric.name,
    direction: metric.direction,
    baseline: baselineScore(task, record.baseline_scores),
    baseline_scores: record.baseline_scores,
    score: evaluation?.score ?? null,
    metrics: evaluation?.metrics ?? null,
    metrics_json: evaluation?.metricsJson ?? null,
    scores: [...record.scores],
    valid: evaluation ? evaluation.verdict === 'scored' : null,
    exit_status: record.end?.exit_status ?? null,
    exit_reason: record.end?.exit_reason ?? null,
    mlgym_exit_status: record.end?.mlgym_exit_status ?? '',
    submission: record.end ? (evaluation?.submission ?? null) : null,
    step_ms: stepMs,
    evaluation_ms: outcome.evaluationMs ?? null,
    evaluator: evaluation?.report ?? null,
  };
}

/**
 * The reward of a step: a number when the step produced a score, else null. That of a `validate` is what the submission would
 * earn now; what the episode earns is the last one alone, and a sum would pay for asking often.
 */
function rewardOf(record: EpisodeRecord, task: Task, { evaluation }: StepOutcome): number | null {
  if (!evaluation || evaluation.score === null || record.end?.exit_status === 'sandbox_unavailable') return null;
  const { direction, bounds, tolerance } = task.sidecar.metric;
  const baseline = baselineScore(task, record.baseline_scores);
  return reward(record.settings.reward, { score: evaluation.score, baseline, direction, bounds, tolerance });
}

/** Gymnasium's five parts. */
export function stepResult(record: EpisodeRecord, task: Task, outcome: StepOutcome, stepMs: number): StepResult {
  return {
    episode_id: record.episode_id,
    observation: observationOf(record, outcome),
    reward: rewardOf(record, task, outcome),
    ...ending(record),
    info: infoOf(record, task, outcome, stepMs),
  };
}

/** Where the episode stands. */
export function episodeState(record: EpisodeRecord): EpisodeState {
  return {
    episode_id: record.episode_id,
    task: record.task,
    status: record.phase,
    step_count: record.step_count,
    remaining_steps: remainingSteps(record),
    ...ending(record),
    exit_status: record.end?.exit_status ?? null,
    exit_reason: record.end?.exit_reason ?? null,
    scores: [...record.scores],
    started_at: new Date(record.started_at_ms).toISOString(),
  };
}
