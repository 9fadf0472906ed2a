import { bar, legend, type Part } from '../../../../page/charts.js';
import { type Figures, numberCell, type Unit } from '../../../../page/figure.js';
import { type Html, html } from '../../../../page/html.js';
import { section, table } from '../../../../page/table.js';
import { attemptParts } from '../attempt-parts.js';
import type { SampleReport } from '../sample-report.js';

type Task = SampleReport['tasks'][number];

const COUNTS: readonly [string, string][] = [
  ['done', 'played'],
  ['valid', 'valid'],
  ['improves', 'beat the baseline'],
  ['format_errors', 'format errors'],
  ['infrastructure', 'infrastructure'],
  ['endpoint', 'endpoint'],
];
const SCORES: readonly [string, string, Unit][] = [
  ['baseline', 'baseline', 'number'],
  ['best', 'best score', 'number'],
  ['improvement', 'improvement', 'share'],
];
const BETTER = { minimize: 'less', maximize: 'more' } as const;

/** What became of the attempts at each task, and how its best score stands against its baseline. */
export function tasksSection({ tasks, total, cells, models }: SampleReport, figures: Figures): Html {
  const most = Math.max(1, ...tasks.map(({ attempts }) => attempts));
  const rows = tasks.map((sums, at) => {
    const counts = COUNTS.map(([name]) => numberCell(figures.at(`tasks.${at}.${name}`)));
    return html`<tr><th scope="row"><bdi>${sums.task}</bdi></th>${numberCell(figures.at(`tasks.${at}.attempts`))}<td class="drawn">${bar(sums.task, attemptParts(sums), most)}</td>${counts}</tr>`;
  });
  const scores = tasks.map((sums, at) => {
    const numbers = SCORES.map(([name, , unit]) => numberCell(figures.at(`tasks.${at}.${name}`, unit)));
    const better = sums.direction === null ? '–' : BETTER[sums.direction];
    return html`<tr><th scope="row"><bdi>${sums.task}</bdi></th><td>${better}</td>${numbers}<td class="drawn">${againstBaseline(sums)}</td></tr>`;
  });
  return section(
    'tasks',
    'Tasks',
    html`<p class="soft">Faults of infrastructure and endpoints ended tries that were played again.</p>`,
    legend(attemptParts(total)),
    table('Attempts by task', ['task', '#attempts', 'where they stand', ...COUNTS.map(([, head]) => `#${head}`)], rows),
    html`<h3>Best score against the baseline</h3><p class="soft">Improvement is a share of the baseline, in the direction of the task. A bar ends at all of it.</p>`,
    legend([
      { label: 'better', kind: 'good' },
      { label: 'worse', kind: 'bad' },
    ]),
    table('Scores by task', ['task', 'better is', ...SCORES.map(([, head]) => `#${head}`), 'best score'], scores),
    models.length > 1 ? byModel(cells, figures) : html``,
  );
}

function againstBaseline({ task, improvement }: Task): Html {
  if (improvement === null) return html``;
  const value = Number(Math.min(1, Math.abs(improvement)).toFixed(3));
  const part: Part =
    improvement < 0 ? { label: 'worse', kind: 'bad', value } : { label: 'better', kind: 'good', value };
  return bar(`${task} against its baseline`, [part], 1);
}

function byModel(cells: SampleReport['cells'], figures: Figures): Html {
  const rows = cells.map(({ task, model }, at) => {
    const counts = ['attempts', 'done', 'valid', 'improves'].map((name) =>
      numberCell(figures.at(`cells.${at}.${name}`)),
    );
    return html`<tr><th scope="row"><bdi>${task}</bdi></th><td><bdi>${model}</bdi></td>${counts}${numberCell(figures.at(`cells.${at}.best`, 'number'))}</tr>`;
  });
  const heads = ['task', 'model', '#attempts', '#played', '#valid', '#beat the baseline', '#best score'];
  return html`<details><summary>Tasks by model</summary>${table('Each model at each task', heads, rows)}</details>`;
}
