import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { storing } from '../../../files/storage-fault.js';
import { writeAtomically } from '../../../files/write-atomically.js';
import { Ledger } from '../../../store/ledger.js';
import { readIndex } from '../index/read-index.js';
import { requireSampleRun } from '../require-sample-run.js';
import type { SamplePlaces } from '../sample-places.js';
import { buildSampleReport } from './build-sample-report.js';
import { renderSampleReport } from './page/render-sample-report.js';
import { samplePlots } from './sample-plots.js';
import type { SampleReport } from './sample-report.js';

/**
 * Makes the report of a run out of its ledger, also while another process works on it, and writes it as JSON, as a page, and as plots.
 * @param own the ledger where this process works on the run: the database lets go of what was opened beside it only some time later
 * @throws RunError or StoreError when there is no run, or one of its files is damaged; StorageFault when the machine does not keep the
 *   report; Error when its numbers do not add up
 */
export async function writeSampleReport(places: SamplePlaces, own: Ledger | null = null): Promise<SampleReport> {
  const manifest = await requireSampleRun(places);
  const ledger = own ?? Ledger.readOnly(places.ledger);
  let report: SampleReport;
  try {
    report = buildSampleReport(manifest, readIndex(ledger), new Date());
  } finally {
    if (own === null) ledger.close();
  }
  await storing(places.root, async () => {
    await mkdir(places.plots, { recursive: true });
    await write(places.reportJson, `${JSON.stringify(report, null, 2)}\n`);
    await write(places.reportHtml, renderSampleReport(report));
    for (const [name, text] of Object.entries(samplePlots(report))) await write(path.join(places.plots, name), text);
  });
  return report;
}

async function write(file: string, text: string): Promise<void> {
  await writeAtomically(file, [Buffer.from(text)]);
}
