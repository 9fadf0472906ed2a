import { bar } from '../../../../page/charts.js';
import { type Figures, numberCell, type Unit } from '../../../../page/figure.js';
import { type Html, html } from '../../../../page/html.js';
import { section, table } from '../../../../page/table.js';
import type { SampleReport } from '../sample-report.js';

const SPENT: readonly [string, Unit][] = [
  ['spent.calls', 'count'],
  ['spent.input_tokens', 'count'],
  ['spent.output_tokens', 'count'],
  ['spent.gpu_hours', 'number'],
  ['seconds', 'seconds'],
  ['model_seconds', 'seconds'],
];
const HEADS = [
  '#cost',
  'share of tokens',
  '#questions',
  '#tokens in',
  '#tokens out',
  '#GPU hours',
  '#episodes',
  '#waiting for the model',
];

/** What it took, by model, and for each valid trajectory. */
export function spendingSection({ models, total, per_valid, run }: SampleReport, figures: Figures): Html {
  const tokensOf = ({ input_tokens, output_tokens }: { input_tokens: number; output_tokens: number }) =>
    input_tokens + output_tokens;
  const row = (name: string, path: string, tokens: number) =>
    html`<tr><th scope="row"><bdi>${name}</bdi></th>${numberCell(figures.cost(`${path}.spent`))}<td class="drawn">${bar(name, [{ label: 'tokens', value: tokens, kind: 'plain' }], tokensOf(total.spent))}</td>${SPENT.map(([key, unit]) => numberCell(figures.at(`${path}.${key}`, unit)))}</tr>`;
  const rows = [
    ...models.map(({ model, spent }, at) => row(model, `models.${at}`, tokensOf(spent))),
    row('all', 'total', tokensOf(total.spent)),
  ];
  const per = (name: string, unit: Unit) => figures.at(`per_valid.${name}`, unit);
  const valid = per_valid
    ? html`<p>For each valid trajectory, everything counted: ${figures.cost('per_valid')}, ${per('tokens', 'count')} tokens, ${per('calls', 'number')} questions, ${per('seconds', 'seconds')} of episodes, ${per('gpu_hours', 'number')} GPU-hours.</p>`
    : html`<p class="none">There is no valid trajectory yet.</p>`;
  const unpriced =
    total.spent.unpriced_calls > 0
      ? html`<p>The price of ${figures.at('total.spent.unpriced_calls')} questions is not known; they stand for nothing in the dollars.</p>`
      : html``;
  const limits: readonly [keyof typeof run.settings.budget, string, Unit][] = [
    ['usd', 'dollars', 'usd'],
    ['tokens', 'tokens', 'count'],
    ['gpu_hours', 'GPU-hours', 'number'],
    ['hours', 'hours', 'number'],
  ];
  const budget = limits.map(
    ([name, words, unit]) =>
      html`<tr><th scope="row">${words}</th>${numberCell(figures.at(`run.settings.budget.${name}`, unit))}</tr>`,
  );
  return section(
    'spending',
    'Time and cost',
    html`<p>It took ${figures.at('wall_seconds', 'seconds')} of wall-clock for ${figures.at('total.seconds', 'seconds')} of episodes, and ${figures.at('total.bytes', 'bytes')} of trajectories. Tries that came to nothing are counted in cost, tokens and GPU-hours.</p>`,
    valid,
    unpriced,
    table('By model', ['model', ...HEADS], rows),
    table('Limits', ['limit', '#at most'], budget),
  );
}
