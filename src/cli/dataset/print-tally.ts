import { EDGE_WORDS } from '../../rollout/dataset/card/bin-names.js';
import { DROP_WORDS } from '../../rollout/dataset/drop-words.js';
import { DROPS } from '../../rollout/dataset/manifest.js';
import type { SelectionTally } from '../../rollout/dataset/selection/tally-selection.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { printHistogram } from './text-histogram.js';

/** Most rows of a table, unless all are asked for. */
const MAX_ROWS = 25;

interface Options {
  /** Every task and model. */
  isAll: boolean;
}

/** Prints what became of trajectories: reasons, distributions, models, exit statuses, tasks. */
export function printTally(tally: SelectionTally, { isAll }: Options, output: Output): void {
  printFates(tally, output);
  for (const [title, name] of [
    ['Tokens of the whole chat', 'tokens'],
    ['Steps', 'steps'],
    ['Best score over the baseline, %', 'improvement'],
  ] as const) {
    if (tally.distributions[name].every(({ kept, dropped }) => kept + dropped === 0)) continue;
    output.line();
    printHistogram(title, tally.distributions[name], EDGE_WORDS[name], output);
  }
  output.line();
  const counted = (row: { trajectories: number; valid: number; improved: number; kept: number }) =>
    [row.trajectories, row.valid, row.improved, row.kept].map(String);
  const heads = ['trajectories', 'valid', 'better', 'kept'];
  rows(output, isAll, ['model', ...heads], tally.models, (row) => [row.model, ...counted(row)]);
  output.line();
  rows(output, isAll, ['exit status', 'trajectories', 'kept'], tally.exit_statuses, (row) => [
    row.exit_status,
    ...[row.trajectories, row.kept].map(String),
  ]);
  output.line();
  rows(output, isAll, ['task', ...heads, 'split'], tally.tasks, (row) => [row.task, ...counted(row), row.split]);
}

function printFates({ trajectories, kept, dropped, clauses }: SelectionTally, output: Output): void {
  output.line(`${trajectories} trajectories = ${kept} kept + ${trajectories - kept} dropped`);
  for (const drop of DROPS) {
    const count = dropped[drop];
    if (count) output.line(`  ${String(count).padStart(7)}  ${drop.padEnd(15)} ${DROP_WORDS[drop]}`);
  }
  const failed = clauses.filter((clause) => clause.dropped > 0);
  if (failed.length < 2) return;
  output.line('Of the filter, the first condition that did not hold:');
  for (const { clause, dropped } of failed) output.line(`  ${String(dropped).padStart(7)}  ${shownLine(clause)}`);
}

function rows<Row>(
  output: Output,
  isAll: boolean,
  heads: readonly string[],
  all: readonly Row[],
  cells: (row: Row) => string[],
): void {
  const shown = isAll ? all : all.slice(0, MAX_ROWS);
  const numbers = heads.map((_, at) => at).filter((at) => at > 0 && heads[at] !== 'split');
  output.table(
    heads,
    shown.map((row) => cells(row).map((cell) => shownLine(cell) || '–')),
    numbers,
  );
  if (shown.length < all.length) output.line(`and ${all.length - shown.length} more (--all)`);
}
