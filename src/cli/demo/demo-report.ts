import type { Output } from '../output.js';
import { formatScore } from '../play/play-turn.js';
import { isImproved, type SolutionRun } from './solution-run.js';

const BAR_WIDTH = 40;

/** Prints what was achieved: a table, and baseline beside achieved as bars. */
export function printReport(runs: readonly SolutionRun[], output: Output): void {
  const rows = runs.map((run) => {
    const info = run.last?.info;
    const verdict = isImproved(run) ? 'good' : 'bad';
    return [
      run.task,
      info?.metric ? `${info.metric} ${info.direction === 'minimize' ? '\u2193' : '\u2191'}` : '-',
      shown(info?.baseline),
      output.style(verdict, shown(info?.score)),
      shown(run.last?.reward),
      String(run.steps),
      run.seconds.toFixed(1),
    ];
  });
  output.table(['task', 'metric', 'baseline', 'achieved', 'reward', 'steps', 'seconds'], rows, [2, 3, 4, 5, 6]);
  output.line();
  for (const run of runs) {
    if (run.failure) output.line(output.style('bad', `${run.task}: ${run.failure}`));
    else printBars(run, output);
  }
}

function printBars(run: SolutionRun, output: Output): void {
  const { metric, direction, baseline, score } = run.last!.info;
  const most = Math.max(Math.abs(baseline!), Math.abs(score!));
  const bar = (value: number) => {
    const length = most === 0 ? 0 : Math.round((Math.abs(value) / most) * BAR_WIDTH);
    return '\u2588'.repeat(length) + '\u2591'.repeat(BAR_WIDTH - length);
  };
  output.line(
    `${output.style('heading', run.task)}  ${metric}, ${direction === 'minimize' ? 'lower' : 'higher'} is better`,
  );
  output.line(`  baseline ${output.style('faint', bar(baseline!))} ${formatScore(baseline!)}`);
  output.line(`  achieved ${output.style('good', bar(score!))} ${formatScore(score!)}`);
}

function shown(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : formatScore(value);
}
