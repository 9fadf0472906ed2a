import { bar } from '../../../../page/charts.js';
import { type Figures, numberCell } from '../../../../page/figure.js';
import { type Html, html } from '../../../../page/html.js';
import { section, table } from '../../../../page/table.js';
import type { SampleReport } from '../sample-report.js';

const WORDS = {
  infrastructure: 'server, sandbox, connection or GPU failed; played again',
  endpoint: 'the model could not be asked; played again',
  lost: 'the process that played was killed; played again',
  stopped: 'somebody stopped the run; played again',
} as const;

/** In which ways episodes ended. */
export function endsSection({ exits, total, models }: SampleReport, figures: Figures): Html {
  const rows = exits.map((exit, at) => {
    const own = exit.models.map(
      ({ model }, index) => html`<div><bdi>${model}</bdi> ${figures.at(`exits.${at}.models.${index}.count`)}</div>`,
    );
    const parts = [{ label: 'episodes', value: exit.count, kind: 'plain' } as const];
    return html`<tr><th scope="row"><code>${exit.exit_status}</code></th><td><code>${exit.stop}</code></td>${numberCell(figures.at(`exits.${at}.count`))}<td class="drawn">${bar(exit.exit_status, parts, total.done)}</td>${models.length > 1 ? html`<td class="faults">${own}</td>` : html``}</tr>`;
  });
  const heads = ['exit status', 'the agent stopped at', '#episodes', 'share', ...(models.length > 1 ? ['models'] : [])];
  return section(
    'ends',
    'How episodes ended',
    html`<p>${figures.at('total.done')} episodes with ${figures.at('total.submissions')} submissions, ${figures.at('total.valid_submissions')} of them valid, in ${figures.at('total.steps')} steps; ${figures.at('total.format_errors')} answers could not be used.</p>`,
    table('Exit statuses', heads, rows),
  );
}

/** What ended tries that count for nobody. */
export function faultsSection({ faults }: SampleReport, figures: Figures): Html {
  const most = Math.max(1, ...faults.map(({ count }) => count));
  const rows = faults.map(({ end, code, count }, at) => {
    const parts = [{ label: 'tries', value: count, kind: 'bad' } as const];
    return html`<tr><th scope="row">${end}</th><td><code>${code || '–'}</code></td>${numberCell(figures.at(`faults.${at}.count`))}<td class="drawn">${bar(`${end} ${code}`, parts, most)}</td>${numberCell(figures.at(`faults.${at}.tasks`))}<td class="words">${WORDS[end]}</td></tr>`;
  });
  return section(
    'faults',
    'Faults',
    html`<p>Of ${figures.at('total.tries')} tries ${figures.at('total.infrastructure')} were ended by infrastructure, ${figures.at('total.endpoint')} by endpoints of models, ${figures.at('total.lost')} were lost with their process, and ${figures.at('total.stopped')} stopped. None of them is a result; ${figures.at('total.failed')} attempts were given up.</p>`,
    table('Tries that came to nothing', ['ended by', 'code', '#tries', 'share', '#tasks', 'what it means'], rows),
  );
}
