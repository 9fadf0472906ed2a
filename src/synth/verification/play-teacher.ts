import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { loadAgentConfig } from '../../agent/config/load-agent-config.js';
import { playEpisode } from '../../agent/play-episode.js';
import { RunFiles } from '../../rollout/run-files.js';
import type { Candidate } from '../candidate.js';
import { candidateSeed } from '../chance/candidate-seed.js';
import { type StageContext, StageFault } from '../stage.js';
import { environmentFault } from './bench.js';

/** One of `candidate.episodes`. */
export type PlayedEpisode = Candidate['episodes'][number];

/** What is played. */
export interface TeacherPlay {
  candidate: Candidate;
  attempt: number;
  /** Env id of the task with its measured baseline. */
  task: string;
  context: StageContext;
}

/**
 * Has the teacher play an episode as an agent; its trajectory is kept in `episodes/<n>/` of the candidate's directory.
 * @param number of the episode, from 0
 * @returns the best valid score of all its submissions
 * @throws StageFault when the endpoint or the sandbox failed, BudgetReached, the signal's reason
 */
export async function playTeacher(
  { candidate, attempt, task, context }: TeacherPlay,
  number: number,
): Promise<PlayedEpisode> {
  const { verification } = context.settings;
  const { signal } = context;
  const config = await loadAgentConfig(verification.agent);
  const player = context.teacher.player(`agent/${attempt}/${number}`);
  const name = `episodes/${number}`;
  const directory = path.join(context.directory, name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const files = new RunFiles(directory, { config, model: { name: player.name, settings: {} } });
  const run = await context
    .inSandbox(() =>
      playEpisode(context.drafts.client, task, {
        config,
        model: player,
        seed: candidateSeed(candidate, 'episode', attempt, number),
        options: { max_steps: verification.agent_max_steps },
        limits: { taskUsd: verification.agent_max_usd },
        listeners: [files],
        signal,
      }),
    )
    .catch((error: unknown) => {
      throw environmentFault(error, signal);
    });
  signal.throwIfAborted();
  if (player.fault !== null) throw player.fault;
  if (run.stop === 'infrastructure') throw new StageFault('sandbox_unavailable', run.failure ?? 'the episode was lost');
  if (files.fault) throw files.fault;
  const scores = run.steps.flatMap(({ result: { info } }) =>
    info.valid === true && info.score !== null ? [info.score] : [],
  );
  const isMaximized = run.task.direction !== 'minimize';
  const best = scores.length === 0 ? null : isMaximized ? Math.max(...scores) : Math.min(...scores);
  return { directory: name, score: best, steps: run.steps.length };
}
