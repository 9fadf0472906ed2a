import { Figures, numberCell } from '../page/figure.js';
import { Html, html } from '../page/html.js';
import { REPORT_STYLE } from '../page/report-style.js';
import { section, table } from '../page/table.js';
import type { TrainRecord } from './train-record.js';
import type { TrainReport } from './train-report.js';

/** @returns the page of a training, which needs nothing but itself */
export function renderTrainReport(report: TrainReport, record: TrainRecord, picture: Html): string {
  const figures = new Figures(report);
  const { settings, facts } = record;
  const row = (name: string, value: Html | string) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`;
  const fact = (name: string, value: Html) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const loss = (name: string, at: string) =>
    html`<tr><th scope="row">${name}</th>${numberCell(figures.at(`${at}.first`, 'number'))}${numberCell(figures.at(`${at}.last`, 'number'))}</tr>`;
  const used = Object.entries(settings).map(([name, value]) => row(name, JSON.stringify(value)));
  const versions = Object.entries(facts?.versions ?? {}).map(([name, version]) => row(name, version));
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Training of ${settings.model}</title><style>${STYLE}</style></head>
<body><header><h1>Training of ${settings.model}</h1><p class="soft">${report.state}, step ${figures.at('step')} of ${figures.at('of')}, on ${settings.dataset}, ${record.place}</p></header><main>
<dl class="facts">${[
    fact('tokens', figures.at('tokens')),
    fact('time', figures.at('seconds', 'seconds')),
    fact('tokens a second', figures.at('tokens_per_second', 'number')),
    fact('memory of a GPU', figures.at('memory_bytes', 'bytes')),
    fact('parameters', figures.at('parameters')),
    fact('of them trained', figures.at('trainable')),
  ]}</dl>
${section('loss', 'Loss', picture, table('Mean of the first and the last tenth of the steps; of the held-out rows the first and the last look', ['', '#first', '#last'], [loss('training', 'loss'), loss('held out', 'held_out')]))}
${section('settings', 'Settings', table('As kept in settings.json', ['setting', 'value'], used), table('Versions', ['library', 'version'], versions))}
</main></body></html>
`;
  return page.text;
}

const STYLE = new Html(REPORT_STYLE);
