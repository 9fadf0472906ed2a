import { bar, legend, type Part } from './charts.js';
import { type Figures, numberCell } from './figure.js';
import { type Html, html } from './html.js';
import type { SynthReport } from './synth-report.js';
import { section, table } from './table.js';

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
  const rows = reasons.map(({ reason, text, mended_by, ends, count, examples }, at) => {
    const kind = ends === 'frontier' ? 'kept' : 'bad';
    const shown = examples.map(
      ({ candidate, topic, detail, evidence }) =>
        html`<details><summary><code>${candidate}</code> <bdi>${topic}</bdi></summary><p>${detail}</p>${
          evidence
            ? html`<pre>${evidence.command === null ? '' : `$ ${evidence.command}\n`}${evidence.exit_status === null ? '' : `[${evidence.exit_status}]\n`}${evidence.log_tail}</pre>`
            : ''
        }</details>`,
    );
    return html`<tr><th scope="row"><code>${reason}</code></th>${numberCell(figures.at(`reasons.${at}.count`))}<td class="drawn">${bar(reason, [{ label: ends, value: count, kind }], ended)}</td><td>${ends}</td><td>${mended_by}</td><td class="words">${text}${shown}</td></tr>`;
  });
  return section(
    'reasons',
    'Reasons',
    table(
      'Why candidates were not published',
      ['reason', '#candidates', 'share', 'ended as', 'mended by', 'what it means, and examples'],
      rows,
    ),
  );
}
