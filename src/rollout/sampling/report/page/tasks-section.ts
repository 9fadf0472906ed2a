import { bar, legend } from '../../../../page/charts.js';
import { type Figures, numberCell, type Unit } from '../../../../page/figure.js';
import { type Html, html } from '../../../../page/html.js';
import { section, table } from '../../../../page/table.js';
import { attemptParts } from '../attempt-parts.js';
import type { SampleReport } from '../sample-report.js';

const NUMBERS: readonly [string, string, Unit][] = [
  ['done', 'done', 'count'],
  ['valid', 'valid', 'count'],
  ['improves', 'beat it', 'count'],
  ['baseline', 'baseline', 'number'],
  ['best', 'best score', 'number'],
  ['improvement', 'improvement', 'share'],
  ['format_errors', 'format errors', 'count'],
  ['infrastructure', 'infrastructure', 'count'],
  ['endpoint', 'endpoint', 'count'],
];

/** What became of the attempts at each task, and how its best score stands against its baseline. */
export function tasksSection({ tasks, total, cells, models }: SampleReport, figures: Figures): Html {
  const most = Math.max(1, ...tasks.map(({ attempts }) => attempts));
  const rows = tasks.map((sums, at) => {
    const numbers = NUMBERS.map(([name, , unit]) => numberCell(figures.at(`tasks.${at}.${name}`, unit)));
    return html`<tr><th scope="row"><bdi>${sums.task}</bdi></th>${numberCell(figures.at(`tasks.${at}.attempts`))}<td class="drawn">${bar(sums.task, attemptParts(sums), most)}</td>${numbers}<td>${sums.direction === 'minimize' ? 'less' : sums.direction === 'maximize' ? 'more' : '–'}</td></tr>`;
  });
  const heads = NUMBERS.map(([, head]) => `#${head}`);
  const cellRows = cells.map((cell, at) => {
    const numbers = ['attempts', 'done', 'valid', 'improves'].map((name) =>
      numberCell(figures.at(`cells.${at}.${name}`)),
    );
    return html`<tr><th scope="row"><bdi>${cell.task}</bdi></th><td><bdi>${cell.model}</bdi></td>${numbers}${numberCell(figures.at(`cells.${at}.best`, 'number'))}</tr>`;
  });
  const byModel = html`<details><summary>Tasks by model</summary>${table('Each model at each task', ['task', 'model', '#attempts', '#done', '#valid', '#beat the baseline', '#best score'], cellRows)}</details>`;
  return section(
    'tasks',
    'Tasks',
    html`<p class="soft">A score beats the baseline in the direction of the task; improvement is a share of the baseline. Faults of infrastructure and endpoints ended tries that were played again.</p>`,
    legend(attemptParts(total)),
    table('Attempts by task', ['task', '#attempts', 'where they stand', ...heads, 'better is'], rows),
    models.length > 1 ? byModel : html``,
  );
}
