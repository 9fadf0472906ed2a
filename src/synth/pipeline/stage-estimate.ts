import { PUBLISHED_EPISODES } from '../../rollout/published-episodes.js';
import { STAGES, type StageName } from '../candidate.js';
import { GATES_BY_DEFAULT } from '../gates/gate.js';
import type { SynthSettings } from '../settings.js';

/** What one pass through a stage takes, or is thought to take. */
export interface Effort {
  questions: number;
  input_tokens: number;
  output_tokens: number;
  /** Waiting for answers. */
  question_seconds: number;
  sandbox_seconds: number;
}

/** The least that one reckons with, what one expects, the most. */
export const CASES = ['low', 'expected', 'high'] as const;
export type Case = (typeof CASES)[number];

/** What is thought of a stage before anything was measured. */
export interface StageEstimate {
  /** Share of the candidates that come to the stage. */
  reach: number;
  /** Passes of a candidate that comes to it: repairs pass twice and more. */
  passes: number;
  effort: Record<Case, Effort>;
}

/** Share of attempts that fail, as the research has it: half of the tasks survive. */
const FAILING_ATTEMPTS = 0.5;
const REACH: Record<StageName, number> = {
  proposal: 1,
  grounding: 0.97,
  generation: 0.8,
  verification: 0.79,
  publishing: 0.5,
};
/** Steps of the published episodes. */
const EPISODE_STEPS = 24;
/** Seconds of a baseline; a task on the CPU is made to stay far below its limit. */
const BASELINE_S: Record<Case, number> = { low: 5, expected: 60, high: 600 };
const EVALUATION_S: Record<Case, number> = { low: 2, expected: 5, high: 30 };

/** @returns what each stage is thought to take under the settings */
export function stageEstimates(settings: SynthSettings): Record<StageName, StageEstimate> {
  const { verification, debug_iterations, hub, gates } = settings;
  const passes = (1 - FAILING_ATTEMPTS ** (debug_iterations + 1)) / (1 - FAILING_ATTEMPTS);
  const episodes =
    (verification.agent_episodes * Math.min(EPISODE_STEPS, verification.agent_max_steps)) / EPISODE_STEPS;
  const reviews = (gates.review ?? GATES_BY_DEFAULT.review) ? 1 : 0;
  const verify = (of: Case): Effort => {
    const programs =
      verification.baseline_runs * Math.min(BASELINE_S[of], verification.baseline_timeout_s) +
      // Evaluations of the baseline, and of what the gates hand in.
      (verification.evaluation_runs + 8) * EVALUATION_S[of];
    const review = asked(reviews, 6000, 700);
    // An episode is played only for what passed the gates, so by the last attempt alone.
    const share = (1 / passes) * (REACH.publishing / REACH.verification);
    const played = scaled(PUBLISHED_EPISODES[of], episodes * share);
    return plus(plus(played, scaled(review, share)), { ...NO_EFFORT, sandbox_seconds: programs });
  };
  const same = (effort: Effort): StageEstimate['effort'] => ({
    low: scaled(effort, 0.6),
    expected: effort,
    high: scaled(effort, 2),
  });
  const cases: Record<StageName, StageEstimate['effort']> = {
    proposal: same(asked(1.1, 2500, 1800)),
    grounding: same(asked(hub.check ? 1 : 0.2, 3500, 700)),
    generation: same(asked(1.1, 6500, 7000)),
    verification: { low: verify('low'), expected: verify('expected'), high: verify('high') },
    publishing: same(NO_EFFORT),
  };
  const isRepeated = (stage: StageName) => stage === 'generation' || stage === 'verification';
  return Object.fromEntries(
    STAGES.map((stage) => [
      stage,
      { reach: REACH[stage], passes: isRepeated(stage) ? passes : 1, effort: cases[stage] },
    ]),
  ) as Record<StageName, StageEstimate>;
}

/** @returns what sampling one topic is thought to take: its share of a batch, near-duplicates included */
export function topicEstimate({ topic_batch, topic_list }: SynthSettings): Effort {
  const batches = topic_list.length > 0 ? 1 / topic_batch : 1.4 / topic_batch;
  return asked(batches, 4000, topic_batch * 110);
}

export const NO_EFFORT: Effort = {
  questions: 0,
  input_tokens: 0,
  output_tokens: 0,
  question_seconds: 0,
  sandbox_seconds: 0,
};

/** Tokens of output that an endpoint gives in a second, thinking aside. */
const TOKENS_PER_SECOND = 80;

function asked(questions: number, input: number, output: number): Effort {
  return {
    questions,
    input_tokens: questions * input,
    output_tokens: questions * output,
    question_seconds: questions * (2 + output / TOKENS_PER_SECOND),
    sandbox_seconds: 0,
  };
}

/** @returns both together */
export function plus(a: Effort, b: Effort): Effort {
  return {
    questions: a.questions + b.questions,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    question_seconds: a.question_seconds + b.question_seconds,
    sandbox_seconds: a.sandbox_seconds + b.sandbox_seconds,
  };
}

/** @returns so many times as much */
export function scaled(effort: Effort, times: number): Effort {
  return {
    questions: effort.questions * times,
    input_tokens: effort.input_tokens * times,
    output_tokens: effort.output_tokens * times,
    question_seconds: effort.question_seconds * times,
    sandbox_seconds: effort.sandbox_seconds * times,
  };
}
