import type { AgentRun, StopReason } from '../../agent/agent-run.js';
import { shellQuote } from '../../python/python-quote.js';
import type { Output } from '../output.js';
import { formatScore } from '../play/play-turn.js';
import { shownLine } from '../play/terminal-text.js';
import { exitText } from './exit-text.js';
import { dollars, duration, isPriced, shortCount } from './limits-bar.js';
import { isPlayed, type PlayedRun, trajectoryOf } from './played-run.js';
import { isSeries, relative, replayWords } from './replay-words.js';
import { runScores } from './run-scores.js';
import { printSummary } from './run-summary.js';

/** Ends that are no result of the agent: a model, an endpoint or a server failed. */
const FAILED: ReadonlySet<StopReason> = new Set(['api', 'error', 'infrastructure']);
const INTERRUPTED = 130;
const LABEL_CHARACTERS = 13;

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
    const { final, best } = runScores(run);
    const shown = (score: number | null) => (score === null ? '-' : formatScore(score));
    return [
      String(i),
      exitText(run),
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
  const series = isSeries(played.map(trajectoryOf)) && played.length > 1;
  for (const [i, { run, directory, fault }] of played.entries()) {
    const text = fault ? `The files are not complete: ${fault.message}` : run.failure;
    const number = played.length > 1 ? `Run ${i}: ` : '';
    if (text) output.line(output.style('bad', `${number}${shownLine(text)}`));
    output.line(`${(number || 'Files:').padEnd(LABEL_CHARACTERS)}${relative(directory)}`);
    if (!series) printReplay([played[i]!], output, where);
  }
  if (!series) return;
  printSummary(played, output);
  printReplay(played, output, where);
}

function printReplay(played: readonly PlayedRun[], output: Output, where: readonly string[]): void {
  const files = played.filter(({ run }) => isPlayed(run)).map(trajectoryOf);
  if (files.length === 0) return;
  output.line(`Play again:  ${['gymsmith replay', ...where.map(shellQuote), replayWords(files)].join(' ')}`);
}

/** @returns one line of JSON about a run, for programs */
export function runJson(played: PlayedRun): string {
  const { run, directory, fault } = played;
  const { final, best } = runScores(run);
  const last = run.steps.at(-1)?.result;
  return JSON.stringify({
    task: run.task.task,
    directory,
    trajectory: trajectoryOf(played),
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

function isBetter({ task }: AgentRun, score: number | null): boolean {
  if (score === null || task.baseline === null) return false;
  return task.direction === 'minimize' ? score < task.baseline : score > task.baseline;
}
