import path from 'node:path';
import type { AgentRun, StopReason } from '../../agent/agent-run.js';
import { shellQuote } from '../../python/python-quote.js';
import { taskIdOf } from '../../rollout/run-directory.js';
import type { Output } from '../output.js';
import { formatScore } from '../play/play-turn.js';
import { shownLine } from '../play/terminal-text.js';
import { dollars, duration, isPriced, shortCount } from './limits-bar.js';

/** A run and where its files are. */
export interface PlayedRun {
  run: AgentRun;
  directory: string;
  /** Why its files are not complete. */
  fault: Error | null;
}

/** Ends that are no result of the agent: a model, an endpoint or a server failed. */
const FAILED: ReadonlySet<StopReason> = new Set(['api', 'error', 'infrastructure']);
const INTERRUPTED = 130;
/** An exit status may tell an exception; the trajectory has all of it. */
const EXIT_CHARACTERS = 80;

/** @returns the exit code: 0 when every run has a result, 1 when one failed, 130 when one was stopped */
export function exitCodeOf(played: readonly PlayedRun[]): number {
  if (played.some(({ run }) => run.stop === 'aborted')) return INTERRUPTED;
  return played.some(({ run, fault }) => fault !== null || FAILED.has(run.stop)) ? 1 : 0;
}

/**
 * Prints what came of runs: a table, what failed, where the files are and how to play them again.
 * @param where flags with which the task was found
 */
export function printRuns(played: readonly PlayedRun[], output: Output, where: readonly string[] = []): void {
  const rows = played.map(({ run }, i) => {
    const { stats, steps } = run;
    const { final, best } = scoresOf(run);
    const shown = (score: number | null) => (score === null ? '-' : formatScore(score));
    return [
      String(i),
      shownLine(run.exitStatus || run.stop).slice(0, EXIT_CHARACTERS),
      String(steps.length),
      shown(run.task.baseline),
      shown(best),
      output.style(isBetter(run, final) ? 'good' : 'warn', shown(final)),
      `${shortCount(stats.tokens_sent)} / ${shortCount(stats.tokens_received)}`,
      isPriced(steps) ? dollars(stats.task_cost) : '-',
      duration((run.endedAtMs - run.startedAtMs) / 1000),
    ];
  });
  const metric = shownLine(played[0]?.run.task.metric ?? 'score');
  const headings = ['run', 'exit', 'rounds', 'baseline', 'best', metric, 'tokens in / out', 'cost', 'time'];
  output.line();
  output.table(headings, rows, [0, 2, 3, 4, 5, 6, 7, 8]);
  output.line();
  for (const { run, directory, fault } of played) {
    const text = fault ? `The files are not complete: ${fault.message}` : run.failure;
    if (text) output.line(output.style('bad', shownLine(text)));
    output.line(`Files:       ${relative(directory)}`);
    const words = [...where, relative(trajectoryOf(run, directory))].map(shellQuote);
    output.line(`Play again:  gymsmith replay ${words.join(' ')}`);
  }
}

/** @returns one line of JSON about a run, for programs */
export function runJson({ run, directory, fault }: PlayedRun): string {
  const { final, best } = scoresOf(run);
  const last = run.steps.at(-1)?.result;
  return JSON.stringify({
    task: run.task.task,
    directory,
    trajectory: trajectoryOf(run, directory),
    exit_status: run.exitStatus,
    stop: run.stop,
    failure: fault?.message ?? run.failure,
    rounds: run.steps.length,
    metric: run.task.metric,
    direction: run.task.direction,
    baseline: run.task.baseline,
    best,
    score: final,
    reward: last?.reward ?? null,
    model_stats: run.stats,
    seconds: (run.endedAtMs - run.startedAtMs) / 1000,
  });
}

/** The last score is that of the submission, where the run ended in one. */
function scoresOf({ steps, task }: AgentRun): { final: number | null; best: number | null } {
  const scores = steps.flatMap(({ result }) => result.info.score ?? []);
  const best = task.direction === 'minimize' ? Math.min(...scores) : Math.max(...scores);
  return { final: steps.at(-1)?.result.info.score ?? null, best: scores.length > 0 ? best : null };
}

function isBetter({ task }: AgentRun, score: number | null): boolean {
  if (score === null || task.baseline === null) return false;
  return task.direction === 'minimize' ? score < task.baseline : score > task.baseline;
}

function trajectoryOf({ task }: AgentRun, directory: string): string {
  return path.join(directory, `${taskIdOf(task)}.traj`);
}

function relative(file: string): string {
  const near = path.relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
