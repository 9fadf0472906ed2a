import { bar, columns } from '../../../page/charts.js';
import { type Figures, numberCell } from '../../../page/figure.js';
import { Html, html } from '../../../page/html.js';
import { section, table } from '../../../page/table.js';
import type { SynthReport } from '../synth-report.js';

/** Most values of an axis that are shown. */
const SHOWN = 20;

/** How different the topics are. */
export function topicsSection({ topics }: SynthReport, figures: Figures): Html {
  const { diversity, similarity } = topics;
  const rejected = topics.rejected.map(
    ({ reason }, at) =>
      html`<tr><th scope="row">${reason}</th>${numberCell(figures.at(`topics.rejected.${at}.count`))}</tr>`,
  );
  const axes = Object.entries(diversity.axes).map(([name, { counts }]) => {
    const rows = Object.entries(counts)
      .slice(0, SHOWN)
      .map(
        ([value, count]) =>
          html`<tr><th scope="row"><bdi>${value}</bdi></th><td class="number">${count}</td><td class="drawn">${bar(value, [{ label: 'topics', value: count, kind: 'plain' }], diversity.topics)}</td></tr>`,
      );
    const path = `topics.diversity.axes.${name}`;
    return html`<div><h3>${name}</h3><p class="soft">${figures.at(`${path}.distinct`)} values, evenness ${figures.at(`${path}.entropy`, 'number')}</p>${table(`Topics by ${name}`, [name, '#topics', 'share'], rows)}</div>`;
  });
  const bins = similarity.map(({ from, count }) => ({
    name: from.toFixed(1),
    parts: [{ label: 'topics', value: count, kind: 'plain' as const }],
  }));
  const nearest = diversity.nearest
    ? html`<p>The most similar other topic differs by ${figures.at('topics.diversity.nearest.mean', 'number')} on average and ${figures.at('topics.diversity.nearest.min', 'number')} at least (one minus the cosine): <bdi>${diversity.nearest.pair[0]}</bdi> and <bdi>${diversity.nearest.pair[1]}</bdi>.</p>${columns('Topics by the cosine with the most similar other one', 'cosine, from', bins)}`
    : new Html('');
  return section(
    'topics',
    'Topics and their diversity',
    html`<p>${figures.at('topics.accepted')} of ${figures.at('topics.wanted')} topics, from ${figures.at('topics.batches')} questions, of which ${figures.at('topics.faults')} brought none. ${figures.at('topics.diversity.cells')} combinations of area, modality, problem and constraint; ${figures.at('topics.diversity.clusters')} clusters, the largest of ${figures.at('topics.diversity.largest_cluster')} topics. ${topics.end === null ? 'More may be asked for' : `Ended, ${topics.end}`}.</p>`,
    html`<div class="pair">${axes}</div>`,
    html`<h3>Nearest neighbours</h3>`,
    nearest,
    table('Topics that were not taken', ['reason', '#topics'], rejected),
  );
}
