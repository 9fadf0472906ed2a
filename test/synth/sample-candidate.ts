import type { Candidate, Proposal, Topic } from '../../src/synth/candidate.js';
import { newCandidates } from '../../src/synth/pipeline/new-candidate.js';
import { SynthSettings } from '../../src/synth/settings.js';

const SETTINGS = SynthSettings.parse({ teachers: [{ model: 'm' }] });

const TOPIC: Topic = {
  title: 'Pears by length',
  summary: 'The weight of a pear is learned from its length.',
  area: 'tabular',
  modality: 'table',
  problem: 'regression',
  constraint: 'noise',
};

/** A candidate as a run begins it, but for what a test says. */
export function sampleCandidate(change: Partial<Candidate> = {}): Candidate {
  const [candidate] = newCandidates({ number: 1, topic: TOPIC }, SETTINGS);
  return { ...candidate!, seed: 7, ...change };
}

/** A proposal of a table of predictions without a dataset, but for what a test says. */
export function sampleProposal(change: Partial<Proposal> = {}): Proposal {
  return {
    slug: 'a-task',
    name: 'A task',
    description: 'Predict what the rows do not tell, as well as it can be done.',
    metric: { name: 'accuracy', direction: 'maximize', lower: 0, upper: 1, explanation: 'share of right answers' },
    submission: { kind: 'predictions', files: ['submission.csv'] },
    dataset: null,
    approach_of_baseline: 'trees',
    room_for_improvement: 'features',
    baseline_minutes: 1,
    gpus: 0,
    ...change,
  };
}
