import { z } from 'zod';
import { Spent } from '../../run/spent.js';
import { ENDS, STAGES, SUBMISSION_KINDS } from '../candidate.js';
import { Evidence, GATES } from '../gates/gate.js';
import { CandidateResult } from '../pipeline/run-result.js';
import { REASONS, type Reason } from '../reasons.js';
import { SynthSettings } from '../settings.js';
import { TopicDiversity } from '../topics/diversity.js';
import { TOPIC_REJECTIONS } from '../topics/topics-file.js';

const count = z.int().min(0);
const reason = z.custom<Reason>((value) => typeof value === 'string' && value in REASONS, 'is no reason of reasons.ts');
const reasonCount = z.strictObject({ reason, count });

const FunnelRecord = z.strictObject({
  candidates: count,
  published: count,
  frontier: count,
  rejected: count,
  open: count.describe('not ended yet'),
  rows: z
    .array(
      z.strictObject({
        stage: z.enum(STAGES),
        entered: count,
        passed: count,
        rejected: count,
        frontier: count,
        here: count,
        reasons: z.array(reasonCount),
      }),
    )
    .describe('entered = passed + rejected + frontier + here; the next one is entered by those that passed'),
  reasons: z.array(reasonCount),
});

const ReasonRecord = z.strictObject({
  reason,
  text: z.string(),
  mended_by: z.enum(['code', 'nobody', 'time']),
  ends: z.enum(['rejected', 'frontier']),
  count,
  examples: z
    .array(
      z.strictObject({ candidate: z.string(), topic: z.string(), detail: z.string(), evidence: Evidence.nullable() }),
    )
    .describe('the first few, with the evidence of their last attempt'),
});

const Tries = z.strictObject({ tried: count, sound: count, failed: count, open: count });

const DebuggingRecord = z.strictObject({
  candidates: count.describe('for which programs were written'),
  attempts: count,
  /** By how many attempts a candidate took, and how it ended. */
  histogram: z.array(
    z
      .strictObject({ attempts: count, sound: count, failed: count, open: count })
      .describe('by verdict of the last attempt'),
  ),
  by_number: z.array(Tries.extend({ number: count.describe('0 is the first') })),
  by_how: z.strictObject({ first: Tries, repair: Tries, restart: Tries }),
  /** Faults of failed attempts, also of those that were mended. */
  faults: z.array(
    z.strictObject({ fault: z.string(), count, mended: count.describe('of candidates that became sound') }),
  ),
});

const GateRecord = z.strictObject({
  gate: z.enum(GATES),
  title: z.string(),
  is_on: z.boolean(),
  pass: count,
  fail: count,
  skip: count,
  seconds: z.number(),
  faults: z.array(z.strictObject({ fault: z.string(), count })),
  measured: z
    .array(z.strictObject({ name: z.string(), count, min: z.number(), median: z.number(), max: z.number() }))
    .describe('the numbers that verdicts rest on'),
});

const DatasetRecord = z.strictObject({
  repo: z.string(),
  revision: z.string(),
  data_revision: z.string(),
  url: z.string(),
  licence: z.string().nullable(),
  config: z.string(),
  split: z.string(),
  bytes: count,
  substitutes: count.describe('candidates to which a search brought it, not its name'),
  candidates: count,
  published: count,
});

const TaskRecord = z.strictObject({
  candidate: z.string(),
  state: z.enum(ENDS),
  env_id: z.string().nullable(),
  name: z.string(),
  topic: z.string(),
  area: z.string(),
  kind: z.enum(SUBMISSION_KINDS),
  metric: z.string(),
  direction: z.enum(['maximize', 'minimize']),
  baseline: z.number().nullable(),
  baseline_std: z.number().nullable(),
  best: z.number().nullable().describe('best score of the teacher; null when it has none'),
  episodes: count,
  valid: count.describe('episodes with a score'),
  beating: count.describe('episodes that beat the baseline'),
  dataset: z.string().nullable(),
  attempts: count,
  teacher: count,
  usd: z.number(),
  unpriced_calls: count,
});

const StageRecord = z.strictObject({
  stage: z.enum(['topics', ...STAGES]),
  runs: count,
  spent: Spent,
  wall_seconds: z.number().nullable().describe('null: not measured'),
});

/** `report.json`: what a run brought, what it cost, and why the rest is missing. Every number of the page is one of these. */
export const SynthReport = z.strictObject({
  version: z.literal(1),
  made_at: z.string(),
  run: z.strictObject({
    software: z.string(),
    began_at: z.string(),
    replay_of: z.string().nullable(),
    teachers: z.array(z.strictObject({ model: z.string(), candidates: count, published: count })),
    prompts: z.record(z.string(), z.string()).describe('versions by name'),
    ablations: z.array(z.string()),
    settings: SynthSettings,
  }),
  /** The same for two runs of the same settings and answers: no times, no costs. */
  result: z.array(CandidateResult).describe('what came of each candidate, by id'),
  funnel: FunnelRecord,
  reasons: z.array(ReasonRecord),
  debugging: DebuggingRecord,
  gates: z.array(GateRecord),
  topics: z.strictObject({
    wanted: count,
    accepted: count,
    rejected: z.array(z.strictObject({ reason: z.enum(TOPIC_REJECTIONS), count })),
    batches: count,
    faults: count.describe('questions that brought no topics'),
    end: z.string().nullable().describe('why no more were asked for; null while there may be more'),
    diversity: TopicDiversity,
    similarity: z
      .array(z.strictObject({ from: z.number(), to: z.number(), count }))
      .describe('topics by the cosine with the most similar other one'),
  }),
  datasets: z.array(DatasetRecord),
  tasks: z.array(TaskRecord).describe('published ones, then those of the frontier'),
  difficulty: z.strictObject({
    unplayed: count,
    unsolved: count.describe('played, and the baseline never beaten'),
    some: count,
    all: count,
  }),
  spending: z.strictObject({
    total: Spent,
    stages: z.array(StageRecord).describe('of finished stages; what is under way stands in the total only'),
    published: Spent.describe('of candidates that were published'),
    frontier: Spent,
    rejected: Spent,
    open: Spent,
    topics: Spent,
    per_published_task: z
      .strictObject({
        usd: z.number(),
        unpriced_calls: z.number(),
        tokens: z.number(),
        calls: z.number(),
        sandbox_seconds: z.number(),
      })
      .nullable()
      .describe('everything that was spent, over published tasks; null without one'),
    budget: z.strictObject({
      usd: z.number().nullable(),
      tokens: z.number().nullable(),
      gpu_hours: z.number().nullable(),
    }),
  }),
});
export type SynthReport = z.output<typeof SynthReport>;
