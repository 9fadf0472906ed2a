import { existsSync } from 'node:fs';
import path from 'node:path';
import { log } from '../../log.js';
import { projectSampling } from '../../rollout/sampling/project-sampling.js';
import { SampleManifest } from '../../rollout/sampling/sample-manifest.js';
import { SamplePlaces } from '../../rollout/sampling/sample-places.js';
import type { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import type { SamplerEnd } from '../../rollout/sampling/sampler-options.js';
import { takeUpSampleRun } from '../../rollout/sampling/take-up-sample-run.js';
import { type OpenSampleRun, withSampleRun } from '../../rollout/sampling/with-sample-run.js';
import { readRunFile } from '../../run/read-run-file.js';
import { RunError } from '../../run/run-error.js';
import { runningProcess } from '../../run/running-process.js';
import { Ledger } from '../../store/ledger.js';
import { configOf } from '../config-flags.js';
import { confirm } from '../confirm.js';
import { Halts } from '../halts.js';
import { mixedPrice, pricesOf, unpricedWarning } from '../models/model-prices.js';
import { Output } from '../output.js';
import { tellCutShort } from '../tell-cut-short.js';
import { makeSampler } from './make-sampler.js';
import { printSamplePlan, printSampleProjection, type SamplePlan } from './print-sample-plan.js';
import { readSampleSettings } from './read-sample-settings.js';
import { ReportTimer } from './report-timer.js';
import type { SampleRunFlags } from './sample-flags.js';
import { loadSampleAgents, openPlayers } from './sample-players.js';
import { openSampleServers, type SampleServers } from './sample-servers.js';
import { showSampleStatus } from './sample-status.js';
import { SampleView } from './sample-view.js';

/** What is said to those who stop a run, the first and the second time. */
const STOPPING = {
  stop: 'Stopping: no new episodes; those under way are played to their end. Once more drops them, and they are played again next time.',
  drop: 'Dropping the episodes under way; they are played again next time. Once more leaves at once; what is saved stays.',
};
/** Exit codes of a run that ended otherwise than complete. */

/** Samples trajectories, or goes on with a run, and says how it went. @returns the exit code */
export async function runSampling(flags: SampleRunFlags): Promise<number> {
  const output = flags.json ? new Output(process.stderr) : new Output();
  const places = new SamplePlaces(path.resolve(flags.out));
  await refuseRunning(places);
  const known = await readRunFile(places.manifest, SampleManifest);
  const settings = readSampleSettings(flags, known?.settings ?? null);
  const config = configOf({ backend: flags.backend });
  const agents = await loadSampleAgents(settings);
  // Before a plan is shown that could not be played.
  if (known !== null) takeUpSampleRun(known, { settings, agents: agents.hashes }, places);
  const prices = await pricesOf(flags.prices, config);
  if (config.logLevel !== 'debug') log.level = 'error';
  const opened = await openSampleServers(settings, flags);
  try {
    const { players, budget } = settings;
    const plan = planOf(settings, opened, flags.out);
    if (!flags.quiet || flags.dryRun) {
      printSamplePlan(plan, output);
      output.line();
      projection(plan, places, mixedPrice(players, prices), output);
      output.line();
    }
    const models = players.map(({ model }) => model);
    const unpriced = unpricedWarning(models, budget.usd, prices);
    const warn = (text: string) => output.line(output.style('warn', text));
    for (const text of [...agents.warnings, ...(unpriced ? [unpriced] : [])]) warn(text);
    if (flags.dryRun) {
      if (known !== null && existsSync(places.ledger)) await showSampleStatus({ out: flags.out }, output);
      return 0;
    }
    const playing = await openPlayers({ settings, agents, config, prices, warn });
    if (known === null) await confirm(flags, output);
    return await withSampleRun(flags.out, { settings, agents: agents.hashes }, (run) =>
      sample({ run, playing, opened, flags, output }),
    );
  } finally {
    await opened.close();
  }
}

interface Parts {
  run: OpenSampleRun;
  playing: Awaited<ReturnType<typeof openPlayers>>;
  opened: SampleServers;
  flags: SampleRunFlags;
  output: Output;
}

async function sample({ run, playing, opened, flags, output }: Parts): Promise<number> {
  const { places, manifest, ledger } = run;
  const { budget } = manifest.settings;
  const programs = flags.json ? new Output() : null;
  const json = programs && ((event: Record<string, unknown>) => programs.line(JSON.stringify(event)));
  const view = new SampleView({ output, isQuiet: flags.quiet === true, json });
  const sampler = makeSampler({ run, players: playing, opened, listener: view });
  const aside = new Output(process.stderr);
  const stops = new Halts(sampler, STOPPING, (text) => (output.isTerminal ? view.notice(text) : aside.line(text)));
  const reports = new ReportTimer(places, ledger, (text) => view.notice(text));
  let end: SamplerEnd;
  try {
    view.watch({ snapshot: () => sampler.snapshot(), budget, wallSeconds: ledger.wallSeconds() });
    end = await sampler.run();
  } finally {
    view.stop();
    stops.release();
    await reports.stop();
  }
  output.line();
  // How the run ended is told, whatever becomes of its report.
  await reports.write();
  if (!flags.quiet) {
    await showSampleStatus({ out: flags.out }, output, ledger);
    output.line(`report ${path.join(flags.out, path.basename(places.reportHtml))}`);
  }
  const counts = ledger.counts();
  json?.({ event: 'end', why: end.why, ...counts, spent: ledger.spent() });
  return conclude(end, counts.failed, flags, output);
}

/** Says how a run ended and what to type next. @returns the exit code */
function conclude(end: SamplerEnd, failed: number, { out }: SampleRunFlags, output: Output): number {
  if (end.why !== 'complete') return tellCutShort(end, `gymsmith sample run --out ${out}`, output);
  const next = failed > 0 ? `sample retry --out ${out}` : `dataset build ${out} --out dataset`;
  output.line(`next: ${output.style('accent', `gymsmith ${next}`)}`);
  return 0;
}

/** Before anything is opened for a run that another process has. */
async function refuseRunning({ root }: SamplePlaces): Promise<void> {
  const pid = await runningProcess(root);
  if (pid === null) return;
  const remedy = 'Wait for it or stop it; gymsmith sample status shows how far it is.';
  throw new RunError(`Another process (${pid}) works on ${root}.`, remedy);
}

function planOf(settings: SampleSettings, { tasks, where, capacity }: SampleServers, out: string): SamplePlan {
  const { attempts, players, players_per_attempt, concurrency } = settings;
  const asked = concurrency.episodes;
  return {
    settings,
    tasks,
    attempts: tasks.length * attempts * (players_per_attempt === 'all' ? players.length : 1),
    where,
    atOnce: { count: Math.min(asked ?? capacity, capacity), isAsked: asked !== null },
    out,
  };
}

/** Prints what the rest takes, by what was played of it where something was. */
function projection(
  plan: SamplePlan,
  places: SamplePlaces,
  price: ReturnType<typeof mixedPrice>,
  output: Output,
): void {
  const { tasks, attempts, atOnce } = plan;
  const ledger = existsSync(places.ledger) ? Ledger.readOnly(places.ledger) : null;
  try {
    const { done = 0, failed = 0 } = ledger?.counts() ?? {};
    const spent = ledger?.spent();
    const left = Math.max(0, attempts - done - failed);
    const gpus = tasks.reduce((sum, task) => sum + task.gpus, 0) * (left / Math.max(1, tasks.length));
    const played = spent && done > 0 ? { episodes: done, seconds: spent.sandbox_seconds, spent } : null;
    const cases = projectSampling({ attempts: left, gpus, price, atOnce: atOnce.count, played });
    printSampleProjection(cases, plan, cases.low === cases.high, output);
  } finally {
    ledger?.close();
  }
}
