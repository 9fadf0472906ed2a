import { SOFTWARE } from '../../protocol/index.js';
import type { ServerContext } from '../server-context.js';
import { html, page } from './html.js';

/** How many episodes the page lists. */
const MAX_ROWS = 200;

/** Renders what the server is doing now. */
export function renderStatusPage({ sessions, catalogue, connections, limits, startedAt }: ServerContext): string {
  const tasks = catalogue.list();
  const episodes = [...sessions].flatMap((session) => session.episodes.states());
  return page(
    SOFTWARE.name,
    html`<h1>${SOFTWARE.name} ${SOFTWARE.version}</h1>
<p>${sessions.draining ? 'Going down.' : 'Up'} since ${startedAt.toISOString()}.
<a href="docs">Interface</a> · <a href="v1/tasks">tasks</a> · <a href="v1/episodes">episodes</a> · <a href="metrics">metrics</a></p>
<table><tr><th>Connections<td>${connections.size} of ${limits.maxConnections}</tr>
<tr><th>Sessions<td>${sessions.size} of ${limits.maxSessions}</tr>
<tr><th>Live episodes<td>${sessions.episodeCapacity.used} of ${sessions.episodeCapacity.limit}</tr></table>
<h2>Tasks</h2><table><tr><th>task<th>metric<th>baseline<th>GPUs</tr>${tasks.map(
      ({ task, metric, direction, baseline, gpus }) =>
        html`<tr><td><a href="v1/tasks/${task}">${task}</a><td>${metric} ${direction && `(${direction})`}<td>${baseline}<td>${gpus}</tr>`,
    )}</table>
<h2>Episodes</h2><table><tr><th>episode<th>task<th>status<th>steps<th>since</tr>${episodes
      .slice(0, MAX_ROWS)
      .map(
        ({ episode_id, task, status, step_count, exit_status, started_at }) =>
          html`<tr><td><a href="v1/episodes/${encodeURIComponent(episode_id)}">${episode_id}</a><td>${task}<td>${exit_status ?? status}<td>${step_count}<td>${started_at}</tr>`,
      )}</table>`,
  );
}
