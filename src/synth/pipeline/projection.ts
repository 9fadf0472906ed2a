import type { Spent } from '../../run/spent.js';
import { type Candidate, STAGES, type StageName } from '../candidate.js';
import type { StageCost } from '../run/stage-costs.js';
import type { SynthSettings } from '../settings.js';
import {
  CASES,
  type Case,
  type Effort,
  NO_EFFORT,
  plus,
  type StageEstimate,
  scaled,
  stageEstimates,
  topicEstimate,
} from './stage-estimate.js';
import { placeOf, stageOf } from './stage-of.js';

/** Passes that an estimate counts for, when measured ones are set against it. */
const WEIGHT_OF_ESTIMATE = 4;
const HOUR_S = 3600;

/** Dollars of a million tokens. */
export interface Price {
  input: number;
  output: number;
}

/** What a whole run will have taken at its end, or what is left of it. */
export interface Projection {
  candidates: number;
  questions: number;
  input_tokens: number;
  output_tokens: number;
  /** Null: the price is not known. */
  usd: number | null;
  sandbox_hours: number;
  gpu_hours: number;
  /** At the concurrency of the settings. */
  wall_seconds: number;
}

/** What a projection rests on. */
export interface ProjectionBasis {
  settings: SynthSettings;
  sandboxes: number;
  /** Of the teachers, weighted; null: not known. */
  price: Price | null;
  /** None before the start. */
  candidates?: readonly Candidate[];
  hasAllTopics?: boolean;
  /** What stages took so far. */
  costs?: ReadonlyMap<StageName, StageCost>;
}

/** @returns what is left to do, from estimates and, as they come, from the run's own averages */
export function projectRest(basis: ProjectionBasis): Record<Case, Projection> {
  return Object.fromEntries(CASES.map((of) => [of, projectCase(basis, of)])) as Record<Case, Projection>;
}

function projectCase(basis: ProjectionBasis, of: Case): Projection {
  const { settings, candidates = [], hasAllTopics = false } = basis;
  const stages = passEfforts(basis, of);
  const open = candidates.filter((candidate) => stageOf(candidate) !== null);
  const asked = topicCount(settings) * settings.tasks_per_topic;
  const unborn = hasAllTopics ? 0 : Math.max(0, asked - candidates.length);
  let rest = scaled(topicEstimate(settings), unborn / settings.tasks_per_topic);
  let wall = 0;
  let longest = 0;
  const begin = (at: number, count: number) => {
    let chain = 0;
    for (const { stage, reach, passes, effort, seconds } of stages.slice(at)) {
      const times = (count * passes * reach) / (stages[at]?.reach ?? 1);
      rest = plus(rest, scaled(effort, times));
      wall += times * seconds;
      // One that comes to its end passes all that is left.
      chain += passes * seconds * (stage === 'verification' ? 1.5 : 1);
    }
    if (count > 0) longest = Math.max(longest, chain);
  };
  begin(0, unborn);
  for (const { state } of open) begin(STAGES.indexOf(state as StageName), 1);
  const { concurrency, environment } = settings;
  const atOnce = Math.max(1, Math.min(concurrency.candidates, open.length + unborn));
  const gpuHours = (rest.sandbox_seconds * environment.gpus) / HOUR_S;
  return {
    candidates: open.length + unborn,
    questions: rest.questions,
    input_tokens: rest.input_tokens,
    output_tokens: rest.output_tokens,
    usd: dollars(rest, basis.price),
    sandbox_hours: rest.sandbox_seconds / HOUR_S,
    gpu_hours: gpuHours,
    wall_seconds: Math.max(
      rest.sandbox_seconds / basis.sandboxes,
      rest.question_seconds / concurrency.teacher,
      wall / atOnce,
      longest,
    ),
  };
}

/** @returns both together, as what a run will have come to */
export function withSpent(rest: Projection, spent: Spent): Projection {
  return {
    ...rest,
    questions: rest.questions + spent.calls,
    input_tokens: rest.input_tokens + spent.input_tokens,
    output_tokens: rest.output_tokens + spent.output_tokens,
    usd: rest.usd === null || spent.unpriced_calls > 0 ? null : rest.usd + spent.usd,
    sandbox_hours: rest.sandbox_hours + spent.sandbox_seconds / HOUR_S,
    gpu_hours: rest.gpu_hours + spent.gpu_hours,
  };
}

interface Pass extends Pick<StageEstimate, 'reach' | 'passes'> {
  stage: StageName;
  effort: Effort;
  /** From the beginning of a pass to its end, waits for a turn included where they were measured. */
  seconds: number;
}

/** The estimate counts like a few passes, and weighs less the more there are. */
function passEfforts({ settings, costs, candidates = [] }: ProjectionBasis, of: Case): Pass[] {
  const estimates = stageEstimates(settings);
  const ended = candidates.filter((candidate) => stageOf(candidate) === null);
  return STAGES.map((stage, at) => {
    const { reach, passes, effort } = estimates[stage];
    const thought = effort[of];
    const { runs = 0, spent, wall_seconds = 0 } = costs?.get(stage) ?? {};
    const came = ended.filter((candidate) => placeOf(candidate) >= at).length;
    const atOrPast = candidates.filter((candidate) => placeOf(candidate) >= at).length;
    const measured: Effort = spent
      ? {
          questions: spent.calls,
          input_tokens: spent.input_tokens,
          output_tokens: spent.output_tokens,
          question_seconds: spent.calls * perQuestion(thought),
          sandbox_seconds: spent.sandbox_seconds,
        }
      : NO_EFFORT;
    const weight = WEIGHT_OF_ESTIMATE;
    return {
      stage,
      reach: (reach * weight + came) / (weight + ended.length),
      passes: Math.max(1, (passes * weight + runs) / (weight + atOrPast)),
      effort: scaled(plus(scaled(thought, weight), measured), 1 / (weight + runs)),
      seconds: ((thought.question_seconds + thought.sandbox_seconds) * weight + wall_seconds) / (weight + runs),
    };
  });
}

function perQuestion({ questions, question_seconds }: Effort): number {
  return questions === 0 ? 0 : question_seconds / questions;
}

function dollars({ input_tokens, output_tokens }: Effort, price: Price | null): number | null {
  return price === null ? null : (input_tokens * price.input + output_tokens * price.output) / 1e6;
}

/** @returns topics that are wanted */
function topicCount({ topic_list, topics }: SynthSettings): number {
  return topic_list.length > 0 ? topic_list.length : topics;
}
