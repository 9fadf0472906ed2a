import { bar, legend, type Part } from '../../../page/charts.js';
import { type Figures, numberCell } from '../../../page/figure.js';
import { type Html, html } from '../../../page/html.js';
import { section, table } from '../../../page/table.js';
import type { SynthReport } from '../synth-report.js';

const KINDS = [
  { label: 'passed', kind: 'good' },
  { label: 'rejected', kind: 'bad' },
  { label: 'frontier', kind: 'kept' },
  { label: 'still here', kind: 'open' },
] as const;

/** What became of candidates, stage after stage. */
export function funnelSection({ funnel }: SynthReport, figures: Figures): Html {
  const rows = funnel.rows.map((row, at) => {
    const values = [row.passed, row.rejected, row.frontier, row.here];
    const parts: Part[] = KINDS.map((kind, index) => ({ ...kind, value: values[index]! }));
    const number = (name: string) => numberCell(figures.at(`funnel.rows.${at}.${name}`));
    return html`<tr><th scope="row">${row.stage}</th>${number('entered')}<td class="drawn">${bar(row.stage, parts, funnel.candidates)}</td>${number('passed')}${number('rejected')}${number('frontier')}${number('here')}</tr>`;
  });
  return section(
    'funnel',
    'Funnel',
    html`<p class="soft">Every candidate is in exactly one place; what a stage passes on is what the next one is entered by. Bars are shares of all candidates.</p>`,
    legend(KINDS),
    table(
      'Candidates by stage',
      ['stage', '#entered', 'share', '#passed', '#rejected', '#frontier', '#still here'],
      rows,
    ),
  );
}

/** Why candidates were not published, with examples. */
export function reasonsSection({ reasons, funnel }: SynthReport, figures: Figures): Html {
  const ended = funnel.rejected + funnel.frontier;
  const rows = reasons.map(({ reason, text, mended_by, ends, count }, at) => {
    const kind = ends === 'frontier' ? 'kept' : 'bad';
    return html`<tr><th scope="row"><code>${reason}</code></th>${numberCell(figures.at(`reasons.${at}.count`))}<td class="drawn">${bar(reason, [{ label: ends, value: count, kind }], ended)}</td><td>${ends}</td><td>${mended_by}</td><td class="words">${text}</td></tr>`;
  });
  const heads = ['reason', '#candidates', 'share', 'ended as', 'mended by', 'what it means'];
  const examples = reasons.map(
    (reason) => html`<h3><code>${reason.reason}</code></h3>${reason.examples.map(exampleOf)}`,
  );
  return section(
    'reasons',
    'Reasons',
    table('Why candidates were not published', heads, rows),
    examples.length === 0
      ? html``
      : html`<h3>Examples</h3><div class="pair examples">${examples.map((one) => html`<div>${one}</div>`)}</div>`,
  );
}

function exampleOf({ candidate, topic, detail, evidence }: SynthReport['reasons'][number]['examples'][number]): Html {
  const command = evidence?.command ? `$ ${evidence.command}\n` : '';
  const status = evidence?.exit_status ? `[${evidence.exit_status}]\n` : '';
  const log = evidence ? html`<pre>${command}${status}${evidence.log_tail}</pre>` : html``;
  return html`<details><summary><code>${candidate}</code> <bdi>${topic}</bdi></summary><p>${detail}</p>${log}</details>`;
}
