import type { Candidate } from '../candidate.js';
import type { SynthReport } from './synth-report.js';

type Task = SynthReport['tasks'][number];
type Dataset = SynthReport['datasets'][number];

/** @returns the tasks that came of candidates: published ones, then those of the frontier */
export function tasksOf(candidates: readonly Candidate[]): Task[] {
  return (['published', 'frontier'] as const).flatMap((state) =>
    candidates.filter((candidate) => candidate.state === state).map((candidate) => taskOf(candidate, state)),
  );
}

function taskOf(candidate: Candidate, state: Task['state']): Task {
  const { id, topic, proposal, baseline, episodes, grounding, attempts, teacher, spent, env_id } = candidate;
  if (!proposal) throw new Error(`The candidate ${id} is ${state} without a proposal`);
  const { name, direction } = proposal.metric;
  const isUp = direction === 'maximize';
  const scores = episodes.flatMap(({ score }) => (score === null ? [] : [score]));
  return {
    candidate: id,
    state,
    env_id,
    name: proposal.name,
    topic: topic.title,
    area: topic.area,
    kind: proposal.submission.kind,
    metric: name,
    direction,
    baseline: baseline?.mean ?? null,
    baseline_std: baseline?.std ?? null,
    best: scores.length === 0 ? null : isUp ? Math.max(...scores) : Math.min(...scores),
    episodes: episodes.length,
    valid: scores.length,
    beating: beatingOf(candidate, scores, isUp),
    dataset: grounding?.dataset?.repo ?? null,
    attempts: attempts.length,
    teacher,
    usd: spent.usd,
    unpriced_calls: spent.unpriced_calls,
  };
}

/** As the gates counted it; where none did, every score that is better than the baseline's mean. */
function beatingOf({ attempts, baseline }: Candidate, scores: readonly number[], isUp: boolean): number {
  const measured = attempts.at(-1)?.gates.find(({ gate }) => gate === 'difficulty')?.measured.solved;
  if (typeof measured === 'number') return measured;
  if (!baseline) return 0;
  return scores.filter((score) => (isUp ? score > baseline.mean : score < baseline.mean)).length;
}

/** @returns how many tasks the teacher beat: in none, some or all of its episodes */
export function difficultyOf(candidates: readonly Candidate[]): SynthReport['difficulty'] {
  const tasks = tasksOf(candidates);
  const counted = (isMeant: (task: Task) => boolean) => tasks.filter(isMeant).length;
  return {
    unplayed: counted(({ episodes }) => episodes === 0),
    unsolved: counted(({ episodes, beating }) => episodes > 0 && beating === 0),
    some: counted(({ episodes, beating }) => beating > 0 && beating < episodes),
    all: counted(({ episodes, beating }) => beating > 0 && beating >= episodes),
  };
}

/** @returns the datasets that candidates rest on, those of most published tasks first */
export function datasetsOf(candidates: readonly Candidate[]): Dataset[] {
  const found = new Map<string, Dataset>();
  for (const { grounding, state } of candidates) {
    const dataset = grounding?.dataset;
    if (!dataset) continue;
    const { repo, revision, data_revision, url, licence, config, split, bytes, is_substitute } = dataset;
    const key = JSON.stringify([repo, revision, config, split]);
    const known = found.get(key) ?? {
      repo,
      revision,
      data_revision,
      url,
      licence,
      config,
      split,
      bytes,
      substitutes: 0,
      candidates: 0,
      published: 0,
    };
    known.substitutes += is_substitute ? 1 : 0;
    known.candidates += 1;
    known.published += state === 'published' ? 1 : 0;
    found.set(key, known);
  }
  return [...found.values()].sort((a, b) => b.published - a.published || (a.repo < b.repo ? -1 : 1));
}
