import { columns, legend, type Part } from '../../../page/charts.js';
import { type Figures, numberCell } from '../../../page/figure.js';
import { type Html, html } from '../../../page/html.js';
import { section, table } from '../../../page/table.js';
import type { SynthReport } from '../synth-report.js';

const KINDS = [
  { label: 'sound', kind: 'good' },
  { label: 'failed', kind: 'bad' },
  { label: 'under way', kind: 'open' },
] as const;

/** How many attempts programs took, and how failures were mended. */
export function debuggingSection({ debugging }: SynthReport, figures: Figures): Html {
  const partsOf = ({ sound, failed, open }: { sound: number; failed: number; open: number }): Part[] =>
    KINDS.map((kind, at) => ({ ...kind, value: [sound, failed, open][at]! }));
  const histogram = debugging.histogram.map((row) => ({ name: String(row.attempts), parts: partsOf(row) }));
  const tries = debugging.by_number.map((row) => ({ name: String(row.number), parts: partsOf(row) }));
  const numbers = (path: string) =>
    ['tried', 'sound', 'failed', 'open'].map((name) => numberCell(figures.at(`${path}.${name}`)));
  const hows = (['first', 'repair', 'restart'] as const).map(
    (how) => html`<tr><th scope="row">${how}</th>${numbers(`debugging.by_how.${how}`)}</tr>`,
  );
  const attempts = debugging.by_number.map(
    ({ number }, at) => html`<tr><th scope="row">${number}</th>${numbers(`debugging.by_number.${at}`)}</tr>`,
  );
  const faults = debugging.faults.map(
    ({ fault }, at) =>
      html`<tr><th scope="row"><code>${fault}</code></th>${numberCell(figures.at(`debugging.faults.${at}.count`))}${numberCell(figures.at(`debugging.faults.${at}.mended`))}</tr>`,
  );
  const heads = ['#tried', '#sound', '#failed', '#under way'];
  return section(
    'debugging',
    'Self-debugging',
    html`<p>${figures.at('debugging.attempts')} attempts for ${figures.at('debugging.candidates')} candidates.</p>`,
    legend(KINDS),
    html`<div class="pair"><div><h3>Candidates by attempts</h3>${columns('Candidates by the number of their attempts', 'attempts', histogram)}</div>
<div><h3>Attempts by number</h3>${columns('Attempts by their number, 0 the first', 'number of the attempt', tries)}</div></div>
<div class="pair"><div>${table('First attempts, repairs and restarts', ['', ...heads], hows)}</div><div>${table('By number of the attempt', ['', ...heads], attempts)}</div></div>`,
    table('Faults of failed attempts', ['fault', '#attempts', '#of candidates that became sound'], faults),
  );
}
