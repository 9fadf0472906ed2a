import { writeNumber } from '../../page/figure.js';
import type { DatasetManifest } from '../../rollout/dataset/manifest.js';
import type { Quantiles } from '../../rollout/dataset/stats/quantiles.js';
import type { TrajectoryStatsReport } from '../../rollout/dataset/stats/trajectory-stats.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { printTally } from './print-tally.js';

const count = (value: number) => writeNumber(value, 'count');

/** Prints what labels say of trajectories, and what each preset would keep. */
export function printStats(report: TrajectoryStatsReport, isAll: boolean, output: Output): void {
  output.heading('What each preset would keep');
  output.table(
    ['preset', 'kept', 'train', 'test', 'tasks', 'tokens', 'filter'],
    report.presets.map(({ preset, kept, train, test, tasks, tokens, own }) => [
      `${preset}${preset === report.preset ? ' *' : ''}`,
      ...[kept, train, test, tasks, tokens].map(count),
      shownLine(own),
    ]),
    [1, 2, 3, 4, 5],
  );
  if (report.rejects !== 'true') output.line(`and under each of them: ${report.rejects}`);
  if (!report.tokens_exact) {
    output.line(output.style('warn', 'Tokens are estimated; --tokenizer counts them as the student does.'));
  }
  output.line();
  output.heading(`With the preset ${report.preset}`);
  printTally(report, { isAll }, output);
  output.line();
  const spread = [
    ['tokens', report.tokens],
    ['steps', report.steps],
    ['valid of a task', report.valid_per_task],
  ] as const;
  output.table(
    ['spread', 'least', '10 %', 'median', '90 %', 'most'],
    spread.flatMap(([name, of]) => (of === null ? [] : [[name, ...cellsOf(of)]])),
    [1, 2, 3, 4, 5],
  );
  if (report.unreadable.length === 0) return;
  output.line();
  output.heading('Files that are no trajectories');
  for (const { fault } of report.unreadable) output.line(`  ${shownLine(fault)}`);
  const more = (report.dropped.unreadable ?? 0) - report.unreadable.length;
  if (more > 0) output.line(`  and ${more} more`);
}

/** Prints what a dataset that was built holds. */
export function printManifest(manifest: DatasetManifest, isAll: boolean, output: Output): void {
  const { rows, tokens, loss_tokens, truncated, files, tokenizer, settings, created_at, expression } = manifest;
  const row = (name: string, text: string) => output.line(`${output.style('heading', name.padEnd(10))}${text}`);
  const about = tokenizer.exact ? '' : 'about ';
  row('rows', `${count(rows)} (${count(truncated)} cut), view ${settings.view}, built ${created_at}`);
  row('tokens', `${about}${count(tokens)}, ${count(loss_tokens)} of them the model's`);
  for (const split of ['train', 'test'] as const) {
    const ofSplit = files.filter((file) => file.split === split);
    const formats = [...new Set(ofSplit.map(({ format }) => format))].map((format) => {
      const shards = ofSplit.filter((file) => file.format === format);
      const sum = (key: 'rows' | 'bytes') => shards.reduce((all, file) => all + file[key], 0);
      return `${format} ${count(sum('rows'))} rows, ${shards.length} files, ${writeNumber(sum('bytes'), 'bytes')}`;
    });
    row(split, formats.join('; ') || 'none');
  }
  row('filter', shownLine(expression));
  output.line();
  printTally(manifest, { isAll }, output);
}

function cellsOf({ min, p10, median, p90, max }: Quantiles): string[] {
  return [min, p10, median, p90, max].map(count);
}
