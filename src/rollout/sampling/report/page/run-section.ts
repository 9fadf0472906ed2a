import { type Html, html } from '../../../../page/html.js';
import { section } from '../../../../page/table.js';
import type { SampleReport } from '../sample-report.js';

/** What the run was begun with. */
export function runSection({ run }: SampleReport): Html {
  return section(
    'run',
    'Settings',
    html`<p>Run <code>${run.id}</code>, begun ${run.created_at} with ${run.software}.</p>`,
    html`<details><summary>All settings</summary><pre>${JSON.stringify(run.settings, null, 2)}</pre></details>`,
  );
}
