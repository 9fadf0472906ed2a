import path from 'node:path';
import type { Config } from '../../config.js';
import { pickTeacher } from '../../run/pick-teacher.js';
import { RunBudget } from '../../run/run-budget.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import { sumSpent } from '../../run/sum-spent.js';
import type { Candidate } from '../../synth/candidate.js';
import { ComponentTopics } from '../../synth/from-repo/component-topics.js';
import { openContamination } from '../../synth/gates/contamination/open-contamination.js';
import { generationStage } from '../../synth/generation/generation-stage.js';
import { groundingStage } from '../../synth/grounding/grounding-stage.js';
import { openHub } from '../../synth/grounding/hub/open-hub.js';
import { FileJournal } from '../../synth/journal/file-journal.js';
import type { Journal } from '../../synth/journal/journal.js';
import { ReplayJournal } from '../../synth/journal/replay-journal.js';
import { Pipeline, type PipelineEnd } from '../../synth/pipeline/pipeline.js';
import type { StagePowers } from '../../synth/pipeline/pipeline-options.js';
import type { SynthListener } from '../../synth/pipeline/synth-listener.js';
import { proposalStage } from '../../synth/proposal/proposal-stage.js';
import { publishingStage } from '../../synth/publishing/publishing-stage.js';
import { RunPlaces } from '../../synth/run/run-places.js';
import type { OpenRun } from '../../synth/run/run-store.js';
import { spentOnCall } from '../../synth/run/spent-on-call.js';
import { StageCosts } from '../../synth/run/stage-costs.js';
import type { SynthSettings } from '../../synth/settings.js';
import type { Stage, StageContext } from '../../synth/stage.js';
import { createTeacher } from '../../synth/teacher/create-teacher.js';
import type { PromptSet } from '../../synth/teacher/prompts/prompt-set.js';
import type { CallMeter } from '../../synth/teacher/teacher.js';
import { openTopics } from '../../synth/topics/open-topics.js';
import { readTopics } from '../../synth/topics/read-topics.js';
import { verificationStage } from '../../synth/verification/verification-stage.js';
import type { GymDrafts } from './gym-drafts.js';
import { keysOf, type SynthModels } from './open-models.js';

const STAGES: readonly Stage[] = [proposalStage, groundingStage, generationStage, verificationStage, publishingStage];

/** What a pipeline of a run is made of. */
export interface RunParts {
  run: OpenRun;
  config: Config;
  models: SynthModels;
  prompts: PromptSet;
  drafts: GymDrafts;
  sandboxes: number;
  /** Run whose answers are played again. */
  replay: string | null;
  /** Stands between stages and pipeline, for measurements. */
  watch?: (candidate: Candidate, powers: StagePowers) => StagePowers;
}

/** A pipeline, and what its view reads. */
export interface MadePipeline {
  pipeline: Pipeline;
  costs: StageCosts;
  run(): Promise<PipelineEnd>;
}

/** Puts a pipeline together. Rejects when a file of the run, or what tasks may not repeat, cannot be read. */
export async function makePipeline(parts: RunParts, listener: SynthListener): Promise<MadePipeline> {
  const { run, config, drafts, sandboxes } = parts;
  const { places, manifest, store } = run;
  const { settings } = manifest;
  const journal = journalOf(parts);
  const cacheDirectory = path.join(config.stateDir, 'synth');
  const hub = await openHub({
    journal,
    network: config.network,
    cacheDirectory,
    maxBytes: settings.hub.max_bytes,
  });
  const costs = await StageCosts.open(places.spending);
  const contamination = await openContamination({
    places: settings.contamination,
    pack: settings.publish.pack ?? places.pack,
    journal,
    earlier: (id, signal) => pipeline.earlier(id, signal),
  });
  const { watch = (_candidate, powers) => powers } = parts;
  const contextOf = (candidate: Candidate, given: StagePowers): StageContext => {
    const powers = watch(candidate, given);
    const { meter, ...own } = powers;
    const ask = (model: SynthModels['teachers'][number], of: SynthSettings['teachers'][number], prefix: string) =>
      createTeacher({ model, settings: of, journal, prefix, meter, signal: powers.signal, prompts: parts.prompts });
    const { teachers, reviewer } = parts.models;
    return {
      ...own,
      settings,
      teacher: ask(teachers[candidate.teacher]!, settings.teachers[candidate.teacher]!, candidate.id),
      ...(reviewer && settings.reviewer && { reviewer: ask(reviewer, settings.reviewer, candidate.id) }),
      hub,
      directory: places.candidate(candidate.id),
      cacheDirectory,
      drafts,
      contamination,
    };
  };
  const pipeline = new Pipeline({
    settings,
    store,
    stages: STAGES,
    topics: (powers) => topicsOf(parts, journal, powers),
    contextOf,
    budget: new RunBudget(settings.budget),
    costs,
    sandboxes,
    listener,
  });
  return { pipeline, costs, run: () => pipeline.run() };
}

/** @returns where questions and answers of a run are kept, and answered from */
export function journalOf({ run, config, replay }: Pick<RunParts, 'run' | 'config' | 'replay'>): Journal {
  const { hubToken, proxies } = config.network;
  const passwords = [proxies.http, proxies.https].map((proxy) =>
    proxy !== undefined && URL.canParse(proxy) ? new URL(proxy).password || undefined : undefined,
  );
  const secrets = [...keysOf(run.manifest.settings, config), hubToken, config.token, ...passwords];
  const own = new FileJournal(run.places.journal, { secrets });
  if (replay === null) return own;
  return new ReplayJournal(new RunPlaces(path.resolve(replay)).journal, { into: own, secrets });
}

/** The topics of a run; each batch is asked of a teacher by the run's seed and the number of the batch. */
export async function topicsOf(
  { run, models, prompts, replay }: Pick<RunParts, 'run' | 'models' | 'prompts' | 'replay'>,
  journal: Journal,
  { meter, signal }: { meter: CallMeter; signal: AbortSignal },
) {
  const { settings } = run.manifest;
  const weights = settings.teachers.map(({ weight }) => weight);
  let spent = NOTHING_SPENT;
  const counting: CallMeter = {
    ask: (work, until) => meter.ask(work, until),
    charge: (cost) => {
      spent = sumSpent(spent, spentOnCall(cost));
      meter.charge(cost);
    },
  };
  const teacherOf = (batch: number) => {
    const at = pickTeacher(settings.seed + batch, weights);
    const asked = { model: models.teachers[at]!, settings: settings.teachers[at]! };
    return createTeacher({ ...asked, journal, prefix: 'topics', meter: counting, signal, prompts });
  };
  const replayed = replay === null ? null : await readTopics(new RunPlaces(path.resolve(replay)).topics);
  return openTopics({
    settings,
    file: run.places.topics,
    ...(replayed !== null && { targets: replayed.batches.map(({ target }) => target) }),
    spent: () => spent,
    teacherOf,
    ...(settings.from_repo !== null && { components: new ComponentTopics(settings, teacherOf) }),
  });
}
