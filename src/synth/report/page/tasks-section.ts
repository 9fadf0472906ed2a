import { type Figures, numberCell } from '../../../page/figure.js';
import { type Html, html } from '../../../page/html.js';
import { section, table } from '../../../page/table.js';
import type { SynthReport } from '../synth-report.js';

/** The tasks that came of it, and how hard they are. */
export function tasksSection({ tasks }: SynthReport, figures: Figures): Html {
  const rows = tasks.map((task, at) => {
    const number = (name: string, unit: 'count' | 'number' = 'count') =>
      numberCell(figures.at(`tasks.${at}.${name}`, unit));
    return html`<tr><td class="words"><bdi>${task.name}</bdi><br><code>${task.env_id ?? task.candidate}</code></td><td>${task.state}</td><td><bdi>${task.area}</bdi></td><td>${task.kind}</td><td>${task.metric}, ${task.direction}</td>${number('baseline', 'number')}${number('best', 'number')}${number('beating')}${number('valid')}${number('episodes')}<td>${task.dataset ?? 'none'}</td>${number('attempts')}${numberCell(figures.cost(`tasks.${at}`))}</tr>`;
  });
  const heads = ['task', 'state', 'area', 'kind', 'metric', '#baseline', '#best', '#beating', '#valid', '#episodes'];
  return section(
    'tasks',
    'Tasks and their difficulty',
    html`<p>Beaten in all episodes: ${figures.at('difficulty.all')}; in some: ${figures.at('difficulty.some')}; in none: ${figures.at('difficulty.unsolved')}; not played: ${figures.at('difficulty.unplayed')}.</p>`,
    table('Published tasks, and those of the frontier', [...heads, 'dataset', '#attempts', '#cost'], rows),
  );
}

/** What tasks rest on. */
export function datasetsSection({ datasets }: SynthReport, figures: Figures): Html {
  const rows = datasets.map((dataset, at) => {
    const { repo, revision, url, licence, config, split } = dataset;
    const name = /^https?:\/\//.test(url) ? html`<a href="${url}" rel="noreferrer">${repo}</a>` : html`${repo}`;
    const number = (key: string) => numberCell(figures.at(`datasets.${at}.${key}`));
    return html`<tr><th scope="row">${name}</th><td><code>${revision.slice(0, 12)}</code></td><td>${licence ?? 'not told'}</td><td>${config} / ${split}</td>${numberCell(figures.at(`datasets.${at}.bytes`, 'bytes'))}${number('candidates')}${number('published')}${number('substitutes')}</tr>`;
  });
  const heads = [
    'dataset',
    'revision',
    'licence',
    'subset / split',
    '#size',
    '#candidates',
    '#published',
    '#found by search',
  ];
  return section('datasets', 'Datasets', table('Datasets that candidates rest on', heads, rows));
}
