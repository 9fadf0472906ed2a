import { Figures } from '../../../../page/figure.js';
import { Html, html } from '../../../../page/html.js';
import { REPORT_STYLE } from '../../../../page/report-style.js';
import type { SampleReport } from '../sample-report.js';
import { endsSection, faultsSection } from './ends-section.js';
import { runSection } from './run-section.js';
import { spendingSection } from './spending-section.js';
import { tasksSection } from './tasks-section.js';
import { validSection } from './valid-section.js';

const SECTIONS: readonly [string, string, (report: SampleReport, figures: Figures) => Html][] = [
  ['valid', 'Valid trajectories', validSection],
  ['tasks', 'Tasks', tasksSection],
  ['ends', 'How episodes ended', endsSection],
  ['faults', 'Faults', faultsSection],
  ['spending', 'Time and cost', spendingSection],
  ['run', 'Settings', runSection],
];

/** Nothing is loaded, run or sent, whatever a text of the report says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** @returns the report as a page that stands alone */
export function renderSampleReport(report: SampleReport): string {
  const figures = new Figures(report);
  const links = SECTIONS.map(([id, name]) => html`<a href="#${id}">${name}</a> `);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>Sampling report</title><style>${new Html(REPORT_STYLE)}</style></head>
<body><header><h1>Sampling report</h1><p class="soft">Made ${report.made_at}. Every number is one of report.json, which lies beside this page.</p>
<nav aria-label="Sections">${links}</nav></header><main>
${factsOf(report, figures)}
${SECTIONS.map(([, , render]) => render(report, figures))}</main>
<footer>${report.run.software}</footer></body></html>
`;
  return page.text;
}

function factsOf({ per_valid }: SampleReport, figures: Figures): Html {
  const facts: [string, Html][] = [
    ['tasks', figures.at('distribution.tasks')],
    ['attempts', figures.at('total.attempts')],
    ['trajectories', figures.at('total.done')],
    ['valid', figures.at('total.valid')],
    ['beat the baseline', figures.at('total.improves')],
    ['given up', figures.at('total.failed')],
    ['under way', figures.at('total.running')],
    ['open', figures.at('total.open')],
    ['cost', figures.cost('total.spent')],
    ...(per_valid ? [['cost per valid one', figures.cost('per_valid')] as [string, Html]] : []),
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
