import { Figures } from '../../../page/figure.js';
import { Html, html } from '../../../page/html.js';
import { REPORT_STYLE } from '../../../page/report-style.js';
import type { SynthReport } from '../synth-report.js';
import { debuggingSection } from './debugging-section.js';
import { funnelSection, reasonsSection } from './funnel-section.js';
import { gatesSection } from './gates-section.js';
import { runSection } from './run-section.js';
import { spendingSection } from './spending-section.js';
import { datasetsSection, tasksSection } from './tasks-section.js';
import { topicsSection } from './topics-section.js';

const SECTIONS: readonly [string, string, (report: SynthReport, figures: Figures) => Html][] = [
  ['funnel', 'Funnel', funnelSection],
  ['reasons', 'Reasons', reasonsSection],
  ['debugging', 'Self-debugging', debuggingSection],
  ['gates', 'Gates', gatesSection],
  ['topics', 'Topics', topicsSection],
  ['datasets', 'Datasets', datasetsSection],
  ['tasks', 'Tasks', tasksSection],
  ['spending', 'Time and cost', spendingSection],
  ['run', 'Settings', runSection],
];

/** Nothing is loaded, run or sent, whatever a text of the report says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** @returns the report as a page that stands alone */
export function renderReport(report: SynthReport): string {
  const figures = new Figures(report);
  const links = SECTIONS.map(([id, name]) => html`<a href="#${id}">${name}</a> `);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>Synthesis report</title><style>${new Html(REPORT_STYLE)}</style></head>
<body><header><h1>Synthesis report</h1><p class="soft">Made ${report.made_at}. Every number is one of report.json, which lies beside this page.</p>
<nav aria-label="Sections">${links}</nav></header><main>
${factsOf(report, figures)}
${SECTIONS.map(([, , render]) => render(report, figures))}</main>
<footer>${report.run.software}</footer></body></html>
`;
  return page.text;
}

function factsOf({ spending }: SynthReport, figures: Figures): Html {
  const facts: [string, Html][] = [
    ['topics', figures.at('topics.accepted')],
    ['candidates', figures.at('funnel.candidates')],
    ['published', figures.at('funnel.published')],
    ['frontier', figures.at('funnel.frontier')],
    ['rejected', figures.at('funnel.rejected')],
    ['under way', figures.at('funnel.open')],
    ['cost', figures.cost('spending.total')],
    ...(spending.per_published_task
      ? [['cost per task', figures.cost('spending.per_published_task')] as [string, Html]]
      : []),
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
