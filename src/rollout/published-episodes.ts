/** What an episode is thought to take before one was played. */
interface EpisodeEffort {
  questions: number;
  input_tokens: number;
  output_tokens: number;
  /** Waiting for answers. */
  question_seconds: number;
  /** Everything else. */
  sandbox_seconds: number;
}

/**
 * Episodes of published runs on MLGym's tasks: 24 steps. Expected: the mean of 671 runs. Low: the smallest of the models that were
 * measured, and the median time of commands. High: the mean of the frontier models.
 */
export const PUBLISHED_EPISODES: Readonly<Record<'low' | 'expected' | 'high', EpisodeEffort>> = {
  low: { questions: 16, input_tokens: 159_000, output_tokens: 1900, question_seconds: 80, sandbox_seconds: 180 },
  expected: {
    questions: 24,
    input_tokens: 327_000,
    output_tokens: 10_400,
    question_seconds: 240,
    sandbox_seconds: 2774,
  },
  high: { questions: 34, input_tokens: 507_000, output_tokens: 29_000, question_seconds: 700, sandbox_seconds: 4500 },
};
