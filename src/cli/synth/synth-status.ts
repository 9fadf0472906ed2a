import path from 'node:path';
import { runningProcess } from '../../run/running-process.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import { sumSpent } from '../../run/sum-spent.js';
import { funnelOf } from '../../synth/pipeline/funnel.js';
import { projectRest } from '../../synth/pipeline/projection.js';
import { CandidateStore } from '../../synth/run/candidate-store.js';
import { RunPlaces } from '../../synth/run/run-places.js';
import { readManifest } from '../../synth/run/run-store.js';
import { StageCosts } from '../../synth/run/stage-costs.js';
import { readTopics } from '../../synth/topics/read-topics.js';
import { CliError } from '../cli-error.js';
import { configOf } from '../config-flags.js';
import { longDuration } from '../long-duration.js';
import { mixedPrice, pricesOf } from '../models/model-prices.js';
import type { Output } from '../output.js';
import { printFunnel } from './print-funnel.js';
import { sandboxCount } from './sandbox-count.js';
import { spentLine } from './synth-words.js';

/** Shows how a run stands, running or not; nothing is changed. */
export async function showStatus({ out, json }: { out: string; json?: boolean }, output: Output): Promise<void> {
  const places = new RunPlaces(path.resolve(out));
  const manifest = await requireRun(places, out);
  const { settings } = manifest;
  const [pid, topics, candidates, costs] = await Promise.all([
    runningProcess(places.root),
    readTopics(places.topics),
    new CandidateStore(places).load(),
    StageCosts.open(places.spending),
  ]);
  const spent = candidates.reduce((sum, candidate) => sumSpent(sum, candidate.spent), topics.spent ?? NOTHING_SPENT);
  const funnel = funnelOf(candidates);
  const config = configOf({});
  const price = mixedPrice(settings.teachers, await pricesOf(undefined, config));
  // A topic that was sampled is no candidate before its turn.
  const isBegun = candidates.length >= topics.accepted.length * settings.tasks_per_topic;
  const hasAllTopics = topics.end !== null && isBegun;
  const sandboxes = sandboxCount(settings, Math.max(1, settings.environment.gpus)).count;
  const rest = projectRest({ settings, sandboxes, price, candidates, hasAllTopics, costs: costs.stages });
  const isComplete = hasAllTopics && funnel.open === 0 && candidates.length > 0;
  const state = pid !== null ? 'running' : isComplete ? 'complete' : 'stopped';
  if (json) {
    const counted = { accepted: topics.accepted.length, rejected: topics.rejected.length, end: topics.end };
    output.line(
      JSON.stringify({
        run: places.root,
        state,
        pid,
        created_at: manifest.created_at,
        topics: counted,
        funnel,
        spent,
        rest,
      }),
    );
    return;
  }
  const shown = { running: `running (process ${pid})`, complete: 'complete', stopped: 'stopped before its end' }[state];
  output.line(`${output.style('heading', out)}  ${shown}, begun ${manifest.created_at}`);
  output.line(`${topics.accepted.length} topics accepted, ${topics.rejected.length} rejected`);
  output.line();
  printFunnel(funnel, output);
  output.line();
  output.line(`spent ${spentLine(spent, settings)}`);
  if (state === 'complete') return;
  const { expected } = rest;
  output.line(
    `left  about ${longDuration(expected.wall_seconds)}${expected.usd === null ? '' : `, $${expected.usd.toPrecision(2)}`}, as the averages so far have it`,
  );
  if (state === 'stopped') output.line(`next: ${output.style('accent', `gymsmith synth run --out ${out}`)}`);
}

/** @returns what a run was begun with @throws CliError where there is none */
export async function requireRun(places: RunPlaces, out: string) {
  const manifest = await readManifest(places);
  if (manifest !== null) return manifest;
  throw new CliError(
    `There is no run in ${out}.`,
    'Name its directory with --out, or begin one: gymsmith synth --help',
  );
}
