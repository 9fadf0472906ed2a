import { type Figures, numberCell, type Unit } from '../../../page/figure.js';
import { type Html, html } from '../../../page/html.js';
import { section, table } from '../../../page/table.js';
import type { SynthReport } from '../synth-report.js';

const SPENT: readonly [string, Unit][] = [
  ['calls', 'count'],
  ['input_tokens', 'count'],
  ['output_tokens', 'count'],
  ['sandbox_seconds', 'seconds'],
  ['gpu_hours', 'number'],
];
const HEADS = ['#cost', '#questions', '#tokens in', '#tokens out', '#sandboxes', '#GPU hours'];

/** What it took, by stage, by end, and for each published task. */
export function spendingSection({ spending }: SynthReport, figures: Figures): Html {
  const spent = (path: string) => [
    numberCell(figures.cost(path)),
    ...SPENT.map(([name, unit]) => numberCell(figures.at(`${path}.${name}`, unit))),
  ];
  const stages = spending.stages.map(
    ({ stage }, at) =>
      html`<tr><th scope="row">${stage}</th>${numberCell(figures.at(`spending.stages.${at}.runs`))}${spent(`spending.stages.${at}.spent`)}${numberCell(figures.at(`spending.stages.${at}.wall_seconds`, 'seconds'))}</tr>`,
  );
  const ends = (['topics', 'published', 'frontier', 'rejected', 'open', 'total'] as const).map(
    (end) => html`<tr><th scope="row">${end}</th>${spent(`spending.${end}`)}</tr>`,
  );
  const budget = (['usd', 'tokens', 'gpu_hours'] as const).map((what) => {
    const unit = what === 'usd' ? 'usd' : what === 'tokens' ? 'count' : 'number';
    return html`<tr><th scope="row">${what.replace('_', ' ')}</th>${numberCell(figures.at(`spending.budget.${what}`, unit))}</tr>`;
  });
  const perTask = spending.per_published_task
    ? html`<p>For each published task, everything counted: ${figures.cost('spending.per_published_task')}, ${figures.at('spending.per_published_task.tokens')} tokens, ${figures.at('spending.per_published_task.calls', 'number')} questions, ${figures.at('spending.per_published_task.sandbox_seconds', 'seconds')} of sandboxes.</p>`
    : html`<p class="none">No task was published yet.</p>`;
  const unpriced =
    spending.total.unpriced_calls > 0
      ? html`<p>No price is known of ${figures.at('spending.total.unpriced_calls')} of ${figures.at('spending.total.calls')} questions.</p>`
      : html``;
  return section(
    'spending',
    'Time and cost',
    perTask,
    unpriced,
    table('By stage, of those that ended', ['stage', '#times', ...HEADS, '#time'], stages),
    table('By what it went into', ['', ...HEADS], ends),
    table('Budget (– is no limit)', ['', '#limit'], budget),
  );
}
