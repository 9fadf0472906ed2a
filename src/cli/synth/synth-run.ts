import { existsSync } from 'node:fs';
import path from 'node:path';
import { log } from '../../log.js';
import { listGpus } from '../../sandbox/gpu-inventory.js';
import type { Candidate } from '../../synth/candidate.js';
import { funnelOf } from '../../synth/pipeline/funnel.js';
import type { PipelineEnd } from '../../synth/pipeline/pipeline.js';
import { RETRYABLE, requeued } from '../../synth/run/requeue.js';
import { RunPlaces } from '../../synth/run/run-places.js';
import { readManifest, withRun } from '../../synth/run/run-store.js';
import type { SynthSettings } from '../../synth/settings.js';
import { PromptSet } from '../../synth/teacher/prompts/prompt-set.js';
import { CliError } from '../cli-error.js';
import { configOf } from '../config-flags.js';
import { confirm } from '../confirm.js';
import { Halts } from '../halts.js';
import { mixedPrice, pricesOf, unpricedWarning } from '../models/model-prices.js';
import { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { tellCutShort } from '../tell-cut-short.js';
import { checkPlaces } from './check-places.js';
import { modelsOf, openModels } from './open-models.js';
import { printFunnel, printTasks } from './print-funnel.js';
import { firstProjection, type Plan, printPlan, printProjection } from './print-plan.js';
import { readSettings } from './read-settings.js';
import { reloadWarning } from './reload-warning.js';
import { sandboxCount } from './sandbox-count.js';
import type { SynthRunFlags } from './synth-flags.js';
import { showStatus } from './synth-status.js';
import { SynthView } from './synth-view.js';
import { spentLine } from './synth-words.js';

/** What a synthesis needs to begin, checked before anything is written or spent. */
export interface Prepared {
  settings: SynthSettings;
  config: ReturnType<typeof configOf>;
  prompts: PromptSet;
  /** Versions by name. */
  versions: Record<string, string>;
  plan: Plan;
  places: RunPlaces;
  prices: Awaited<ReturnType<typeof pricesOf>>;
}

/**
 * Reads flags, files and machine.
 * @throws CliError, PromptFault, RunError
 */
export async function prepare(flags: SynthRunFlags): Promise<Prepared> {
  const places = new RunPlaces(path.resolve(flags.out));
  const replayed = flags.replay === undefined ? null : await replayedSettings(flags.replay);
  const settings = readSettings(flags, (await readManifest(places))?.settings ?? replayed);
  const given = configOf({ backend: flags.backend });
  const network = { ...given.network, isOffline: given.network.isOffline || flags.offline === true };
  const config = { ...given, network };
  await checkPlaces(settings);
  // A run goes on with the prompts that it was begun with.
  const prompts = existsSync(places.prompts) ? new PromptSet(null, places.prompts) : new PromptSet(settings.prompts);
  const stamps = await prompts.check();
  const prices = await pricesOf(flags.prices, config);
  const gpus = await listGpus(config.gpus);
  if (settings.environment.gpus > gpus.length) {
    throw new CliError(
      `Tasks are to have ${settings.environment.gpus} GPUs each; this machine has ${gpus.length}.`,
      'Set environment.gpus to what there is; gymsmith doctor shows it.',
    );
  }
  const sandboxes = sandboxCount(settings, gpus.length);
  return {
    settings,
    config,
    prompts,
    versions: Object.fromEntries(stamps.map((s) => [s.name, `${s.version} ${s.sha256.slice(0, 12)}`])),
    plan: { settings, price: mixedPrice(settings.teachers, prices), sandboxes, out: flags.out },
    places,
    prices,
  };
}

/** Runs a synthesis, or takes one up, and says how it went. @returns the exit code */
export async function runSynthesis(flags: SynthRunFlags): Promise<number> {
  const output = flags.json ? new Output(process.stderr) : new Output();
  const prepared = await prepare(flags);
  const { settings, config, prompts, versions, plan, places, prices } = prepared;
  const isNew = (await readManifest(places)) === null;
  if (!flags.quiet || flags.dryRun) {
    printPlan(plan, output);
    output.line();
    if (isNew) printProjection(firstProjection(plan), plan, output);
    else output.line(`${flags.out} is taken up where it ended.`);
    output.line();
  }
  const replay = flags.replay === undefined ? null : path.resolve(flags.replay);
  const unpriced = replay === null ? unpricedWarning(modelsOf(settings), settings.budget.usd, prices) : null;
  if (unpriced !== null) output.line(output.style('warn', unpriced));
  if (flags.dryRun) {
    if (!isNew) await showStatus({ out: flags.out }, output);
    return 0;
  }
  const models = await openModels(settings, config, prices, replay !== null);
  const unheard = await reloadWarning(settings.publish.reload, config.token);
  for (const warning of [...models.warnings, ...(unheard ? [unheard] : [])]) output.line(output.style('warn', warning));
  if (isNew && replay === null) await confirm(flags, output);
  if (config.logLevel !== 'debug') log.level = 'error';
  const [{ openDrafts }, { makePipeline }, { writeReport }] = await Promise.all([
    import('./gym-drafts.js'),
    import('./run-pipeline.js'),
    import('../../synth/report/write-report.js'),
  ]);
  return withRun(flags.out, { settings, prompts: versions, replayOf: replay }, async (run) => {
    await prompts.copyTo(run.places.prompts);
    const drafts = await openDrafts(config, run.places.drafts);
    const view = new SynthView(output, flags.quiet === true);
    try {
      if (!flags.quiet) output.line(`sandboxes on ${drafts.where}`);
      const sandboxes = plan.sandboxes.count;
      const parts = { run, config, models, prompts, drafts, sandboxes, replay };
      const { pipeline, costs, run: runPipeline } = await makePipeline(parts, view);
      const aside = new Output(process.stderr);
      const say = (text: string) => (output.isTerminal ? view.notice(text) : aside.line(text));
      const stops = new Halts(pipeline, STOPPING, say);
      let end: PipelineEnd;
      try {
        view.watch({ pipeline, costs, settings, sandboxes, price: plan.price });
        end = await runPipeline();
      } finally {
        view.stop();
        stops.release();
      }
      const { candidates, spent } = pipeline.snapshot();
      // How the run ended is told, whatever becomes of its report.
      const report = await writeReport(run.places).catch((error: Error) => error);
      output.line();
      const funnel = funnelOf(candidates);
      printFunnel(funnel, output);
      printTasks(candidates, output);
      output.line();
      output.line(`spent ${spentLine(spent, settings)}`);
      if (report instanceof Error) {
        output.line(output.style('bad', `The report could not be written: ${shownLine(report.message)}`));
        output.line(`Later: gymsmith synth report --out ${flags.out}`);
      } else {
        output.line(`report ${path.join(flags.out, path.basename(run.places.reportHtml))}`);
        if (flags.json) new Output().line(JSON.stringify(report));
      }
      printRetryable(candidates, flags, output);
      return conclude(end, flags, settings, funnel.published, output);
    } finally {
      await drafts.close();
    }
  });
}

/** What is said to those who stop a run, the first and the second time. */
const STOPPING = {
  stop: 'Stopping: answers that are being written are waited for and kept. Once more leaves them.',
  drop: 'Dropping what is under way. Once more leaves at once; what is saved stays.',
};

/** Exit codes of a run that ended otherwise than complete. */

/** Says how a run ended and what to type next. @returns the exit code */
function conclude(
  end: PipelineEnd,
  { out }: SynthRunFlags,
  settings: SynthSettings,
  published: number,
  output: Output,
): number {
  const again = `gymsmith synth run --out ${out}`;
  const next = (text: string) => output.line(`next: ${output.style('accent', text)}`);
  switch (end.why) {
    case 'complete':
      if (published > 0) next(`gymsmith serve --pack ${settings.publish.pack ?? path.join(out, 'pack')}`);
      else output.line('Nothing was published; the report shows examples of each reason.');
      return 0;
    case 'broken':
      for (const { id, error } of end.candidates.slice(0, 5)) {
        output.line(output.style('bad', `${id} stands still: ${shownLine(error.message)}`));
        if (log.isLevelEnabled('debug')) output.line(output.style('faint', error.stack ?? ''));
      }
      next(again);
      return 1;
    default:
      return tellCutShort(end, again, output);
  }
}

/** Says how candidates come back that others' faults ended. */
function printRetryable(candidates: readonly Candidate[], { out }: SynthRunFlags, output: Output): void {
  const count = candidates.filter((candidate) => requeued(candidate, RETRYABLE) !== null).length;
  if (count === 0) return;
  output.line(
    `${count} ended by others' faults: ${output.style('accent', `gymsmith synth retry --out ${out}`)} takes them back`,
  );
}

async function replayedSettings(run: string): Promise<SynthSettings> {
  const manifest = await readManifest(new RunPlaces(path.resolve(run)));
  if (manifest !== null) return manifest.settings;
  throw new CliError(`--replay: ${run} is no run`, 'Name the directory that its --out named.', 2);
}
