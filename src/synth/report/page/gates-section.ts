import { bar, legend } from '../../../page/charts.js';
import { type Figures, numberCell } from '../../../page/figure.js';
import { type Html, html } from '../../../page/html.js';
import { section, table } from '../../../page/table.js';
import type { SynthReport } from '../synth-report.js';

const KINDS = [
  { label: 'pass', kind: 'good' },
  { label: 'fail', kind: 'bad' },
  { label: 'skip', kind: 'open' },
] as const;

/** How the gates judged, and the numbers that they measured. */
export function gatesSection({ gates }: SynthReport, figures: Figures): Html {
  const most = Math.max(0, ...gates.map(({ pass, fail, skip }) => pass + fail + skip));
  const rows = gates.map((gate, at) => {
    const parts = KINDS.map((kind) => ({ ...kind, value: gate[kind.label] }));
    const faults = gate.faults.map(
      ({ fault }, index) => html`<div><code>${fault}</code> ${figures.at(`gates.${at}.faults.${index}.count`)}</div>`,
    );
    const number = (name: string) => numberCell(figures.at(`gates.${at}.${name}`));
    return html`<tr><th scope="row">${gate.gate}</th><td>${gate.is_on ? 'on' : 'off'}</td><td class="drawn">${bar(gate.gate, parts, most)}</td>${number('pass')}${number('fail')}${number('skip')}${numberCell(figures.at(`gates.${at}.seconds`, 'seconds'))}<td class="faults">${faults}</td><td class="words">${gate.title}</td></tr>`;
  });
  const measured = gates.flatMap((gate, at) =>
    gate.measured.map(({ name }, index) => {
      const path = `gates.${at}.measured.${index}`;
      const numbers = ['min', 'median', 'max'].map((key) => numberCell(figures.at(`${path}.${key}`, 'number')));
      return html`<tr><th scope="row">${gate.gate}</th><td>${name}</td>${numberCell(figures.at(`${path}.count`))}${numbers}</tr>`;
    }),
  );
  const heads = ['gate', '', 'verdicts', '#pass', '#fail', '#skip', '#time', 'faults', 'what it asks'];
  return section(
    'gates',
    'Quality gates',
    html`<p class="soft">Verdicts on every attempt, also on those that were mended later.</p>`,
    legend(KINDS),
    table('Verdicts', heads, rows),
    table('Measured values', ['gate', 'value', '#measured', '#least', '#median', '#greatest'], measured),
  );
}
