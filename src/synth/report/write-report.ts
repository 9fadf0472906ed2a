import { writeAtomically } from '../../files/write-atomically.js';
import { RunError } from '../../run/run-error.js';
import { CandidateStore } from '../run/candidate-store.js';
import type { RunPlaces } from '../run/run-places.js';
import { readManifest } from '../run/run-store.js';
import { StageCosts } from '../run/stage-costs.js';
import { readTopics } from '../topics/read-topics.js';
import { buildReport } from './build-report.js';
import { renderReport } from './page/render-report.js';
import type { SynthReport } from './synth-report.js';

/**
 * Makes the report of a run out of what lies in its directory, also while another process works on it, and writes it as JSON and as a
 * page.
 * @throws RunError when there is no run, or one of its files is damaged; Error when its numbers do not add up
 */
export async function writeReport(places: RunPlaces, madeAt = new Date()): Promise<SynthReport> {
  const manifest = await readManifest(places);
  if (!manifest) throw new RunError(`There is no run in ${places.root}.`, 'Name the directory that --out named.');
  const [topics, candidates, costs] = await Promise.all([
    readTopics(places.topics),
    new CandidateStore(places).load(),
    StageCosts.open(places.spending),
  ]);
  const report = buildReport({ manifest, topics, candidates, stages: costs.stages, madeAt });
  await writeAtomically(places.reportJson, [Buffer.from(`${JSON.stringify(report, null, 2)}\n`)]);
  await writeAtomically(places.reportHtml, [Buffer.from(renderReport(report))]);
  return report;
}
