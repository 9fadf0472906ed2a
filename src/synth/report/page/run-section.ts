import { type Figures, numberCell } from '../../../page/figure.js';
import { type Html, html } from '../../../page/html.js';
import { section, table } from '../../../page/table.js';
import type { SynthReport } from '../synth-report.js';

/** What the run was begun with. */
export function runSection({ run }: SynthReport, figures: Figures): Html {
  const teachers = run.teachers.map(
    ({ model }, at) =>
      html`<tr><th scope="row"><bdi>${model}</bdi></th>${numberCell(figures.at(`run.teachers.${at}.candidates`))}${numberCell(figures.at(`run.teachers.${at}.published`))}</tr>`,
  );
  const prompts = Object.entries(run.prompts).map(
    ([name, version]) => html`<tr><th scope="row">${name}</th><td>${version}</td></tr>`,
  );
  const ablations = run.ablations.length === 0 ? 'nothing' : run.ablations.join('; ');
  return section(
    'run',
    'Settings',
    html`<p>Begun ${run.began_at} with ${run.software}${run.replay_of === null ? '' : `, with the answers of ${run.replay_of}`}. Switched off or changed: ${ablations}.</p>`,
    html`<div class="pair"><div>${table('Teachers', ['model', '#candidates', '#published'], teachers)}</div><div>${table('Prompts', ['name', 'version'], prompts)}</div></div>`,
    html`<details><summary>All settings</summary><pre>${JSON.stringify(run.settings, null, 2)}</pre></details>`,
  );
}
