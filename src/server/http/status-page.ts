import { SOFTWARE } from '../../protocol/index.js';
import type { ServerContext } from '../server-context.js';
import { html, page } from './html.js';

/** How many episodes the page lists. */
const MAX_ROWS = 200;

const ARROWS = { maximize: '↑', minimize: '↓' } as const;

/** Renders what the server is doing now. */
export function renderStatusPage({ sessions, catalogue, connections, limits, startedAt }: ServerContext): string {
  const tasks = catalogue.list();
  const episodes = [...sessions].flatMap((session) => session.episodes.states());
  return page(
    SOFTWARE.name,
    html`<h1>${SOFTWARE.name} ${SOFTWARE.version}</h1>
<p>${sessions.draining ? 'Going down; up' : 'Up'} since ${shortTime(startedAt.toISOString())}.
<a href="docs">Interface</a> · <a href="v1/tasks">tasks</a> · <a href="v1/episodes">episodes</a> · <a href="metrics">metrics</a></p>
<table class="plain"><tr><th>Connections<td class="n">${connections.size}<td>of ${limits.maxConnections}</tr>
<tr><th>Sessions<td class="n">${sessions.size}<td>of ${limits.maxSessions}</tr>
<tr><th>Live episodes<td class="n">${sessions.episodeCapacity.used}<td>of ${sessions.episodeCapacity.limit}</tr></table>
<h2>Tasks</h2><div class="wide"><table><tr><th>task<th>metric<th class="n">baseline<th class="n">GPUs</tr>${tasks.map(
      ({ task, metric, direction, baseline, gpus }) =>
        html`<tr><td><a href="v1/tasks/${task}">${task}</a><td>${metric} ${direction && ARROWS[direction]}<td class="n">${baseline && shortNumber(baseline)}<td class="n">${gpus}</tr>`,
    )}</table></div>
<h2>Episodes</h2>${
      episodes.length === 0
        ? html`<p class="faint">None is live.</p>`
        : html`<div class="wide"><table><tr><th>episode<th>task<th>status<th class="n">steps<th>since</tr>${episodes
            .slice(0, MAX_ROWS)
            .map(
              ({ episode_id, task, status, step_count, exit_status, started_at }) =>
                html`<tr><td><a href="v1/episodes/${encodeURIComponent(episode_id)}">${episode_id}</a><td>${task}<td>${exit_status ?? status}<td class="n">${step_count}<td>${started_at && shortTime(started_at)}</tr>`,
            )}</table></div>`
    }`,
  );
}

/** @returns a time of ISO 8601 as people read it, to the second */
function shortTime(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}

/** @returns a number with as many digits as a person compares */
function shortNumber(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(5)));
}
