import path from 'node:path';
import { writeSampleReport } from '../../rollout/sampling/report/write-sample-report.js';
import { SamplePlaces } from '../../rollout/sampling/sample-places.js';
import type { Output } from '../output.js';

/** Writes the report of a run, running or not, and says where it is. */
export async function reportSample({ out, json }: { out: string; json: boolean }, output: Output): Promise<void> {
  const places = new SamplePlaces(path.resolve(out));
  const report = await writeSampleReport(places);
  output.line(json ? JSON.stringify(report) : `${places.reportJson}\n${places.reportHtml}\n${places.plots}`);
}
