import type { AgentRun, AgentStep } from '../agent/agent-run.js';
import type { AgentConfig } from '../agent/config/agent-config.js';
import { SOFTWARE } from '../protocol/index.js';
import type { AttemptRecord, RunRecord } from './trajectory.js';

/** What a run does not know of itself. */
export interface RunFacts {
  config: AgentConfig;
  /** `settings`: what the model was told beside the chat; no key. */
  model: { name: string; settings: Readonly<Record<string, unknown>> };
  attempt?: AttemptRecord;
}

/** @returns the key of ours in a trajectory, apart from its steps */
export function runRecord(run: AgentRun, { config, model, attempt }: RunFacts): Omit<RunRecord, 'steps'> {
  const { task } = run;
  const last = run.steps.at(-1)?.result.info;
  return {
    version: 1,
    software: `${SOFTWARE.name} ${SOFTWARE.version}`,
    task: task.task,
    task_hash: task.content_hash,
    episode_id: run.episodeId,
    seed: run.seed,
    options: run.options,
    metric: task.metric,
    direction: task.direction,
    baseline_scores: run.baselineScores && { ...run.baselineScores },
    agent: { name: config.name, source: config.source, parser: config.parser, config: configRecord(config) },
    model: { name: model.name, settings: { ...model.settings } },
    started_at: new Date(run.startedAtMs).toISOString(),
    ended_at: new Date(run.endedAtMs).toISOString(),
    stop: run.stop,
    failure: run.failure,
    exit_status: last?.exit_status ?? null,
    exit_reason: last?.exit_reason ?? null,
    ...(attempt && { attempt: { ...attempt } }),
  };
}

export function stepRecord({ sent, result, calls }: AgentStep): RunRecord['steps'][number] {
  const { observation, info } = result;
  return {
    sent,
    reward: result.reward,
    terminated: result.terminated,
    truncated: result.truncated,
    exit_code: observation.exit_code,
    omitted_bytes: observation.omitted_bytes,
    score: info.score,
    valid: info.valid,
    evaluation_ms: info.evaluation_ms,
    calls: [...calls],
  };
}

/** The contents of command files are among the options of the reset, those of demonstrations in the history. */
function configRecord(config: AgentConfig): Record<string, unknown> {
  return {
    ...config,
    commandFiles: config.commandFiles.map(({ name }) => name),
    demonstrations: config.demonstrations.map(({ path }) => path),
  };
}
