import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AgentListener } from '../../agent/agent-listener.js';
import type { AgentRun } from '../../agent/agent-run.js';
import { SeededModel } from '../../agent/models/seeded-model.js';
import { playEpisode } from '../../agent/play-episode.js';
import type { EnvClient } from '../../client/index.js';
import { storing } from '../../files/storage-fault.js';
import { writeAtomically } from '../../files/write-atomically.js';
import type { Attempt, Outcome } from '../../store/attempt.js';
import { type RunFacts, runRecord, stepRecord } from '../run-record.js';
import { TrajectoryText } from '../trajectory-text.js';
import { outcomeOf } from './outcome-of.js';
import type { Player, SamplerOptions } from './sampler-options.js';

/** What one try is played with. */
export interface TryParts {
  client: EnvClient;
  player: Player;
  attempt: Attempt;
  listener: AgentListener;
  /** Fires when it is to be dropped as it is. */
  signal: AbortSignal;
}

/** @throws what `playEpisode` throws */
export function playAttempt(
  { client, player, attempt, listener, signal }: TryParts,
  { limits, options }: Pick<SamplerOptions, 'limits' | 'options'>,
): Promise<AgentRun> {
  return playEpisode(client, attempt.task, {
    config: player.config,
    model: new SeededModel(player.model, attempt.seed),
    seed: attempt.seed,
    options: { ...options, ...(limits.steps !== null && { max_steps: limits.steps }) },
    limits: { taskUsd: limits.usd, taskTokens: limits.tokens, timeMs: limits.seconds * 1000 },
    listeners: [listener],
    signal,
  });
}

/**
 * Writes the trajectory of a result, whole or not at all.
 * @returns what it came to
 * @throws StorageFault
 */
export async function keepTrajectory(
  run: AgentRun,
  { player, attempt }: Pick<TryParts, 'player' | 'attempt'>,
  tryNumber: number,
  { runId, places }: Pick<SamplerOptions, 'runId' | 'places'>,
): Promise<Outcome> {
  const { id, gpus } = attempt;
  const facts: RunFacts = {
    config: player.config,
    model: { name: player.model.name, settings: player.settings },
    attempt: { run: runId, id, try: tryNumber, player: player.name, gpus },
  };
  const parts = new TrajectoryText().of(run, facts);
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const file = places.trajectory(id);
  await storing(places.root, async () => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeAtomically(file, parts);
  });
  const record = { ...runRecord(run, facts), steps: run.steps.map(stepRecord) };
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  return outcomeOf(record, { exitStatus: run.exitStatus, gpus, bytes, sha256: hash.digest('hex') });
}
