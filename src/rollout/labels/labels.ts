import { z } from 'zod';

const count = z.int().min(0);

/** What may speak against an episode that scored well; `src/rollout/labels/evidence/` finds each. */
export const EVIDENCE = [
  'evaluator_tampered',
  'evaluator_shadowed',
  'answers_searched',
  'score_forged',
  'link_submitted',
  'daemon_left',
] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Everything that filters may ask of one trajectory: a function of its file and of the student's tokenizer, computed once. */
export const Labels = z.strictObject({
  version: z.literal(1),
  task: z.string().describe('env id'),
  model: z.string().describe('who played'),
  agent: z.string(),
  parser: z.string().describe('how the model speaks: the parser of its agent, `function_calling` for tools'),
  seed: count.nullable(),

  exit_status: z.string().describe("MLGym's word: submitted, autosubmission (exit_cost), ..."),
  stop: z.string().describe('why the agent stopped asking its model; empty: not known'),
  complete: z.boolean().describe('the agent itself handed in, before any limit'),
  infrastructure: z.boolean().describe('server, sandbox or endpoint failed: nobody is judged by it'),
  steps: count,

  direction: z.enum(['maximize', 'minimize']).nullable(),
  baseline: z.number().nullable(),
  submissions: count.describe('evaluations, the last one included'),
  valid: count.describe('submissions with a score'),
  best: z.number().nullable().describe('best score by the direction'),
  last: z.number().nullable().describe('score of the last evaluation; null: it had none'),
  improves: z.boolean().describe('the best score is better than the baseline'),
  improvement: z
    .number()
    .nullable()
    .describe(
      '(best - baseline) / |baseline|, its sign turned where less is better; null without both or at baseline 0',
    ),

  tokens: count.describe("of the whole chat under the student's tokenizer and template"),
  tokens_exact: z.boolean().describe('false: estimated, no tokenizer was given'),
  assistant_tokens: count.describe('of them, those of assistant turns'),
  turns: count.describe('assistant turns'),
  characters: count,
  format_errors: count.describe('answers that could not be used: no action, or a wrong form'),
  control_tokens: count.describe('marks of the chat template that stand within messages'),
  identity: count.describe('assistant turns that name a model or its maker'),
  evidence: z.array(z.enum(EVIDENCE)),
  cheating: z.boolean().describe('there is evidence'),

  usd: z.number().min(0).nullable(),
  input_tokens: count.describe('sent to the model'),
  output_tokens: count,
  seconds: z.number().min(0).describe('wall-clock of the episode; 0: not known'),

  fingerprint: z.string().describe('hash of the actions: equal for episodes in which the agent did the same'),
});
export type Labels = z.output<typeof Labels>;

/** Facts that exports need beside the labels, so that a file is read only twice. */
export const TurnTokens = z.strictObject({
  /** Tokens of the chat cut behind each of its assistant turns, in order: `cutTokens` counts them. */
  ends: z.array(count),
  /** Of each of those chats, the tokens that are learnt. */
  losses: z.array(count),
});
export type TurnTokens = z.output<typeof TurnTokens>;

/** A trajectory and its labels, as filters, caps and exports pass it on. */
export interface LabelledTrajectory {
  /** Stable and unique within a dataset: `<source>/<attempt id>`, or the path of a file below its source. */
  id: string;
  file: string;
  labels: Labels;
}
