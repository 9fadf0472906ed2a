import { columns, legend } from '../../../../page/charts.js';
import { type Figures, numberCell } from '../../../../page/figure.js';
import { type Html, html } from '../../../../page/html.js';
import { profile } from '../../../../page/profile.js';
import { section, table } from '../../../../page/table.js';
import { attemptParts } from '../attempt-parts.js';
import { binName } from '../bin-name.js';
import type { SampleReport } from '../sample-report.js';

/** How many valid trajectories tasks have: of the tasks one by one, and how they are spread. */
export function validSection({ tasks, total, distribution }: SampleReport, figures: Figures): Html {
  const attempts = tasks.map((sums) => ({ name: sums.task, parts: attemptParts(sums) }));
  const bins = distribution.histogram.map((bin) => ({
    name: binName(bin),
    parts: [{ label: 'tasks', kind: bin.from === 0 ? 'bad' : 'good', value: bin.tasks } as const],
  }));
  const at = (name: string) => figures.at(`distribution.${name}`, 'number');
  const rows = distribution.histogram.map(
    (bin, index) =>
      html`<tr><th scope="row">${binName(bin)}</th>${numberCell(figures.at(`distribution.histogram.${index}.tasks`))}</tr>`,
  );
  return section(
    'valid',
    'Valid trajectories',
    html`<p>${figures.at('total.valid')} trajectories have a submission with a score. Tasks have ${at('least')} to ${at('most')} of them: ${at('mean')} on average, ${at('median')} in the middle, half of the tasks from ${at('lower_quartile')} to ${at('upper_quartile')}; ${at('without')} of ${at('tasks')} have none.</p>`,
    legend(attemptParts(total)),
    html`<h3>Attempts at each task</h3>${profile('Attempts at each task', 'tasks, those with the most valid trajectories first', attempts)}`,
    html`<h3>Tasks by valid trajectories</h3>${columns('Tasks by their valid trajectories', 'valid trajectories of a task', bins)}
<details><summary>As a table</summary>${table('Tasks by valid trajectories', ['valid trajectories', '#tasks'], rows)}</details>`,
  );
}
