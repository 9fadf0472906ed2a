import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT_ROOT } from '../../src/config.js';
import { Candidate, NOTHING_SPENT, type Proposal } from '../../src/synth/candidate.js';
import type { AnswerFile } from '../../src/synth/teacher/teacher.js';

const TASKS = path.join(PROJECT_ROOT, 'stand-ins', 'teacher', 'tasks');

/** The programs of a task without faults, as a teacher answers them. */
export async function soundFiles(name: string): Promise<AnswerFile[]> {
  const root = path.join(TASKS, name, 'files');
  const entries = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Promise.all(
    entries.map(async (entry) => {
      const host = path.join(entry.parentPath, entry.name);
      return { path: path.relative(root, host).split(path.sep).join('/'), text: await readFile(host, 'utf8') };
    }),
  );
}

const TOPIC = {
  title: 'Pears by length',
  summary: 'The weight of a pear is learned from its length.',
  area: 'tabular',
  modality: 'table',
  problem: 'regression',
  constraint: 'noise',
};

function proposal(slug: string, change: Partial<Proposal>): Proposal {
  return {
    slug,
    name: `The task ${slug}`,
    description: `Do what the task ${slug} asks for as well as you can, with {braces} and "quotes" in its words.`,
    metric: {
      name: 'score',
      direction: 'maximize',
      lower: 0,
      upper: 1,
      explanation: 'It is the mean over everything that is asked',
    },
    submission: { kind: 'predictions', files: ['submission.csv'] },
    dataset: null,
    approach_of_baseline: 'It does the simplest thing that works',
    room_for_improvement: 'Do something better.',
    baseline_minutes: 0.1,
    gpus: 0,
    ...change,
  };
}

/** What a sound task of each kind proposes; the programs are those of the teacher's stand-in. */
export const PROPOSALS = {
  predictions: proposal('table-number', {
    metric: { name: 'rmse', direction: 'minimize', lower: 0, upper: null, explanation: 'Root of the mean square' },
    dataset: { id: 'orchard/pears', query: 'pears', reason: 'It has lengths and weights' },
  }),
  program: proposal('dilemma', {
    metric: { name: 'points', direction: 'maximize', lower: 0, upper: 5, explanation: 'Mean points of a round' },
    submission: { kind: 'program', files: ['player.py'] },
  }),
  artifact: proposal('cart', {
    metric: { name: 'steps', direction: 'maximize', lower: 0, upper: 400, explanation: 'Mean steps' },
    submission: { kind: 'artifact', files: ['policy.json'] },
  }),
} as const satisfies Record<string, Proposal>;
export type Kind = keyof typeof PROPOSALS;

/** A candidate without grounding and attempts, of a kind. */
export function newCandidate(kind: Kind, change: Partial<Candidate> = {}): Candidate {
  return Candidate.parse({
    version: 1,
    id: '0007-1-pears-by-length',
    topic: TOPIC,
    seed: 11,
    teacher: 0,
    state: 'generation',
    proposal: PROPOSALS[kind],
    grounding: {
      dataset: null,
      plan: null,
      files: [],
      train_rows: 0,
      test_rows: 0,
      documentation: '',
    },
    attempts: [],
    baseline: null,
    episodes: [],
    reason: null,
    detail: null,
    env_id: null,
    spent: NOTHING_SPENT,
    retries: 0,
    ...change,
  });
}
