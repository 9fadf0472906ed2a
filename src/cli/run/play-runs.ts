import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentLimits } from '../../agent/agent-limits.js';
import type { AgentListener } from '../../agent/agent-listener.js';
import type { AgentConfig } from '../../agent/config/agent-config.js';
import type { TotalCost } from '../../agent/models/cost-meter.js';
import type { Model } from '../../agent/models/model.js';
import { playEpisode } from '../../agent/play-episode.js';
import type { EnvClient } from '../../client/index.js';
import { mapLimited } from '../../client/map-limited.js';
import type { EpisodeOptions, TaskDetail } from '../../protocol/index.js';
import { argumentsYaml, type RunArguments } from '../../rollout/run-arguments.js';
import { makeRunDirectory, runName, taskIdOf } from '../../rollout/run-directory.js';
import { RunFiles } from '../../rollout/run-files.js';
import { RunLog } from '../../rollout/run-log.js';
import { CliError } from '../cli-error.js';
import type { PlayedRun } from './played-run.js';

/** Runs that are asked for: one task, one agent, one model. */
export interface RunPlan {
  task: TaskDetail;
  config: AgentConfig;
  /** Called once for each run: a script is for one. */
  model: () => Promise<Model>;
  /** What is written down of the model; no key. */
  settings: Readonly<Record<string, unknown>>;
  arguments: RunArguments;
  options: EpisodeOptions;
  seed?: number;
  limits: AgentLimits;
  /** Below it every run gets a directory. */
  root: string;
  runs: number;
  /** Runs at once. */
  atOnce: number;
  /** Shows a run. */
  view: (index: number) => AgentListener | null;
  onEnd?: (played: PlayedRun) => void;
  finish: AbortSignal;
  drop: AbortSignal;
}

/**
 * Plays runs, each into a directory of its own. Those that did not begin when `finish` fires are left out.
 * @returns the runs that began, in their order; the first fault that kept one from beginning, after which no other was begun
 */
export async function playRuns(client: EnvClient, plan: RunPlan): Promise<{ played: PlayedRun[]; fault: unknown }> {
  // The command says it before anything is played.
  const total: TotalCost = { usd: 0, isUnpricedReported: true };
  const faults: unknown[] = [];
  const played = await mapLimited(Array.from({ length: plan.runs }), plan.atOnce, async (_, index) => {
    if (plan.finish.aborted || plan.drop.aborted || faults.length > 0) return null;
    try {
      const one = await playOne(client, plan, index, total);
      plan.onEnd?.(one);
      return one;
    } catch (error) {
      faults.push(error);
      return null;
    }
  });
  return { played: played.filter((one) => one !== null), fault: faults[0] ?? null };
}

async function playOne(client: EnvClient, plan: RunPlan, index: number, total: TotalCost): Promise<PlayedRun> {
  const { task, config, options, seed, limits } = plan;
  const model = await plan.model();
  const { temperature, topP, costLimit, suffix } = plan.arguments;
  const named = { model: model.name, taskId: taskIdOf(task), agent: config.name };
  const name = runName({ ...named, temperature, topP, costLimit, suffix });
  const directory = await makeRunDirectory(plan.root, name).catch((error: Error) => {
    throw new CliError(`No run can be kept in ${plan.root}: ${error.message}`, 'Name another directory: --out');
  });
  const files = new RunFiles(directory.path, { config, model: { name: model.name, settings: plan.settings } });
  const book = new RunLog(directory.path);
  const view = plan.view(index);
  try {
    await writeFile(path.join(directory.path, 'args.yaml'), argumentsYaml(plan.arguments));
    const run = await playEpisode(client, task.task, {
      config,
      model,
      name: `primary_${directory.index}`,
      seed,
      options,
      limits,
      total,
      listeners: [files, book, ...(view ? [view] : [])],
      finish: plan.finish,
      signal: plan.drop,
    });
    return { run, directory: directory.path, fault: files.fault };
  } catch (error) {
    // It never began: there is nothing to keep.
    await book.close();
    await rm(directory.path, { recursive: true, force: true });
    throw error;
  }
}
