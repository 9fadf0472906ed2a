import { NOTHING_SPENT, type Spent } from '../../run/spent.js';
import { sumSpent } from '../../run/sum-spent.js';
import { type Candidate, STAGES, type StageName } from '../candidate.js';
import { funnelOf } from '../pipeline/funnel.js';
import { runResult } from '../pipeline/run-result.js';
import { stageOf } from '../pipeline/stage-of.js';
import { REASONS } from '../reasons.js';
import type { RunManifest } from '../run/run-manifest.js';
import type { StageCost } from '../run/stage-costs.js';
import { measureDiversity } from '../topics/diversity.js';
import { TOPIC_REJECTIONS, type TopicsFile } from '../topics/topics-file.js';
import { debuggingOf } from './debugging-of.js';
import { gatesOf } from './gates-of.js';
import { similarityOf } from './similarity-of.js';
import { SynthReport } from './synth-report.js';
import { datasetsOf, difficultyOf, tasksOf } from './tasks-of.js';

/** What a report is made of. */
export interface ReportParts {
  manifest: RunManifest;
  topics: TopicsFile;
  candidates: readonly Candidate[];
  /** What stages took, as far as they ended. */
  stages: ReadonlyMap<StageName, StageCost>;
  madeAt: Date;
}

type ReasonExample = SynthReport['reasons'][number]['examples'][number];

/** Examples of each reason. */
const EXAMPLES = 3;
/** What is kept of the log of an example. */
const LOG_CHARACTERS = 1500;

/** @returns the report of a run @throws Error when its numbers do not add up: a candidate in no place, or in two */
export function buildReport({ manifest, topics, candidates, stages, madeAt }: ReportParts): SynthReport {
  const { settings } = manifest;
  const report: SynthReport = {
    version: 1,
    made_at: madeAt.toISOString(),
    run: {
      software: manifest.software,
      began_at: manifest.created_at,
      replay_of: manifest.replay_of,
      teachers: settings.teachers.map(({ model }, at) => {
        const own = candidates.filter(({ teacher }) => teacher === at);
        return { model, candidates: own.length, published: own.filter(({ state }) => state === 'published').length };
      }),
      prompts: manifest.prompts,
      ablations: manifest.ablations,
      settings,
    },
    result: runResult(candidates),
    funnel: funnelOf(candidates),
    reasons: reasonsOf(candidates),
    debugging: debuggingOf(candidates),
    gates: gatesOf(candidates, settings),
    topics: topicsOf(topics, settings.topic_list.length || settings.topics),
    datasets: datasetsOf(candidates),
    tasks: tasksOf(candidates),
    difficulty: difficultyOf(candidates),
    spending: spendingOf(topics, candidates, stages, settings.budget),
  };
  refuseWrongSums(report);
  return SynthReport.parse(report);
}

function reasonsOf(candidates: readonly Candidate[]): SynthReport['reasons'] {
  const all = (['rejected', 'frontier'] as const).flatMap((ends) => {
    const ended = candidates.filter(({ state }) => state === ends);
    return funnelOf(ended).reasons.map(({ reason, count }) => {
      const { text, by } = REASONS[reason];
      const examples = ended.filter((candidate) => candidate.reason === reason).slice(0, EXAMPLES);
      return { reason, text, mended_by: by, ends, count, examples: examples.map((one) => exampleOf(one, text)) };
    });
  });
  return all.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

function exampleOf({ id, topic, detail, attempts }: Candidate, unless: string): ReasonExample {
  const evidence = attempts.at(-1)?.evidence ?? null;
  return {
    candidate: id,
    topic: topic.title,
    detail: detail ?? unless,
    evidence: evidence && { ...evidence, log_tail: evidence.log_tail.slice(-LOG_CHARACTERS) },
  };
}

function topicsOf({ accepted, rejected, batches, end }: TopicsFile, wanted: number): SynthReport['topics'] {
  const found = accepted.map(({ topic }) => topic);
  return {
    wanted,
    accepted: accepted.length,
    rejected: TOPIC_REJECTIONS.map((reason) => ({
      reason,
      count: rejected.filter((topic) => topic.reason === reason).length,
    })),
    batches: batches.length,
    faults: batches.filter(({ fault }) => fault !== null).length,
    end: end ? `${end.why}: ${end.detail}` : null,
    diversity: measureDiversity(found),
    similarity: similarityOf(found),
  };
}

function spendingOf(
  topics: TopicsFile,
  candidates: readonly Candidate[],
  stages: ReadonlyMap<StageName, StageCost>,
  budget: SynthReport['spending']['budget'],
): SynthReport['spending'] {
  const of = (isMeant: (candidate: Candidate) => boolean) =>
    sumOf(candidates.filter(isMeant).map(({ spent }) => spent));
  const parts = {
    published: of(({ state }) => state === 'published'),
    frontier: of(({ state }) => state === 'frontier'),
    rejected: of(({ state }) => state === 'rejected'),
    open: of((candidate) => stageOf(candidate) !== null),
    topics: topics.spent,
  };
  const total = sumOf(Object.values(parts));
  const tasks = candidates.filter(({ state }) => state === 'published').length;
  const none = { runs: 0, spent: NOTHING_SPENT, wall_seconds: 0 };
  return {
    total,
    stages: [
      { stage: 'topics', runs: topics.batches.length, spent: topics.spent, wall_seconds: null },
      ...STAGES.map((stage) => ({ stage, ...(stages.get(stage) ?? none) })),
    ],
    ...parts,
    per_published_task:
      tasks === 0
        ? null
        : {
            usd: total.usd / tasks,
            unpriced_calls: total.unpriced_calls / tasks,
            tokens: (total.input_tokens + total.output_tokens) / tasks,
            calls: total.calls / tasks,
            sandbox_seconds: total.sandbox_seconds / tasks,
          },
    budget,
  };
}

function sumOf(all: readonly Spent[]): Spent {
  return all.reduce((sum, one) => sumSpent(sum, one), NOTHING_SPENT);
}

/** Beside the sums of the funnel itself: what other tables count is what the funnel counts. */
function refuseWrongSums({ funnel, reasons, debugging, tasks, difficulty, run, topics }: SynthReport): void {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const tries = Object.values(debugging.by_how);
  const sums: [string, number, number][] = [
    ['reasons', sum(reasons.map(({ count }) => count)), funnel.rejected + funnel.frontier],
    ['reasons of the frontier', sumOfEnds(reasons, 'frontier'), funnel.frontier],
    ['tasks', tasks.length, funnel.published + funnel.frontier],
    ['difficulty', sum(Object.values(difficulty)), tasks.length],
    ['candidates of teachers', sum(run.teachers.map(({ candidates }) => candidates)), funnel.candidates],
    ['published of teachers', sum(run.teachers.map(({ published }) => published)), funnel.published],
    ['attempts by number', sum(debugging.by_number.map(({ tried }) => tried)), debugging.attempts],
    ['attempts by kind', sum(tries.map(({ tried }) => tried)), debugging.attempts],
    ['verdicts of attempts', sum(tries.map(({ sound, failed, open }) => sound + failed + open)), debugging.attempts],
    [
      'candidates by attempts',
      sum(debugging.histogram.map(({ sound, failed, open }) => sound + failed + open)),
      debugging.candidates,
    ],
    [
      'topics by similarity',
      sum(topics.similarity.map(({ count }) => count)),
      topics.accepted > 1 ? topics.accepted : 0,
    ],
  ];
  for (const [what, left, right] of sums) {
    if (left !== right) throw new Error(`The report does not add up: ${what}: ${left} and ${right}`);
  }
}

function sumOfEnds(reasons: SynthReport['reasons'], ends: 'frontier' | 'rejected'): number {
  return reasons.reduce((sum, one) => sum + (one.ends === ends ? one.count : 0), 0);
}
