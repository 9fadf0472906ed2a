import { floatsRepr } from '../../python/python-repr.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { EpisodeRecord } from '../episode/episode-record.js';
import type { StepOutcome } from '../episode/episode-report.js';
import { EPISODE_SLACK_MS } from '../limits.js';
import type { SupplySource } from '../supplies/task-supplies.js';
import type { Task } from '../task.js';
import { ofAgent } from '../workspace/sandbox-faults.js';
import type { SandboxLeases } from '../workspace/sandbox-leases.js';
import { evaluate, evaluationTimeoutMs } from './evaluate.js';
import { evaluationOutcome } from './evaluation-outcome.js';

/** What is to be scored, and why. */
export interface ScoringJob {
  task: Task;
  /** Sandbox of the agent. */
  sandbox: Sandbox;
  leases: SandboxLeases;
  supplies: SupplySource;
  record: EpisodeRecord;
  /** `text`: what a command showed that led here. */
  due: Pick<NonNullable<EpisodeRecord['due']>, 'reason' | 'text'>;
  /** Time that the agent has left. */
  leftMs: number;
}

/**
 * Scores the agent's work for a step.
 * @throws RpcError `evaluation_unavailable`, `sandbox_unavailable`, `task_broken`, `cancelled`
 */
export async function scoreWork({
  task,
  sandbox,
  leases,
  supplies,
  record,
  due,
  leftMs,
}: ScoringJob): Promise<StepOutcome> {
  const { compat } = record.settings;
  // The evaluator's time is added to the agent's, and the agent's sandbox must last for both.
  const lifetimeMs = leftMs + evaluationTimeoutMs(task) + EPISODE_SLACK_MS;
  await ofAgent(() => sandbox.setLifetime(lifetimeMs));
  const evaluation = await evaluate({
    task,
    agent: sandbox,
    leases,
    supplies,
    compat,
    ending: due.reason !== 'validate',
    cwd: record.cwd,
    baseline: record.baseline_scores && floatsRepr(record.baseline_scores),
    commandId: `e${record.step_count}-${record.scores.length}`,
  });
  return evaluationOutcome(evaluation, due.reason, due.text, compat);
}
