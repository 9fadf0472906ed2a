import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Attempt, Candidate, NOTHING_SPENT, type Proposal } from '../../src/synth/candidate.js';
import { writeAttempt } from '../../src/synth/generation/attempt-files.js';
import type { AnswerFile } from '../../src/synth/teacher/teacher.js';

const TASKS = path.join(import.meta.dirname, 'fixtures');

/** The programs of a fixture, a task without faults, as a teacher answers them. */
export async function soundFiles(name: string): Promise<AnswerFile[]> {
  const root = path.join(TASKS, name);
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

/** What a sound task of each kind proposes; the programs are fixtures. */
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

/** Gives a candidate of predictions the data that the programs of its task read: a line through noise, below `cache`. */
export async function withData(candidate: Candidate, cache: string): Promise<Candidate> {
  const rows = Array.from({ length: 60 }, (_, at) => {
    const length = 30 + ((at * 7) % 20) + at / 10;
    return { id: `r${at}`, bill_length_mm: length, body_mass_g: Math.round(100 * length + 40 * Math.sin(at)) };
  });
  const table = (columns: (keyof (typeof rows)[0])[], some: typeof rows) =>
    [columns.join(','), ...some.map((row) => columns.map((name) => row[name]).join(',')), ''].join('\n');
  const [train, test] = [rows.slice(0, 40), rows.slice(40)];
  const constant = test.map((row) => ({ ...row, body_mass_g: 3000 }));
  const texts: Record<string, string> = {
    'data/train.csv': table(['id', 'bill_length_mm', 'body_mass_g'], train),
    'data/test.csv': table(['id', 'bill_length_mm'], test),
    'sample_submission.csv': table(['id', 'body_mass_g'], constant),
    'answers.csv': table(['id', 'body_mass_g'], test),
  };
  await mkdir(cache, { recursive: true });
  const files = await Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      const host_path = path.join(cache, name.replaceAll('/', '-'));
      await writeFile(host_path, text);
      return { path: name, host_path, bytes: Buffer.byteLength(text), is_hidden: name === 'answers.csv' };
    }),
  );
  return Candidate.parse({
    ...candidate,
    grounding: {
      dataset: {
        repo: 'palmer-station/penguins',
        requested: 'orchard/pears',
        is_substitute: true,
        revision: 'a'.repeat(40),
        data_revision: 'b'.repeat(40),
        url: 'https://huggingface.co/datasets/palmer-station/penguins',
        licence: 'cc0-1.0',
        downloads: 5,
        config: 'default',
        split: 'train',
        splits: [],
        features: [],
        samples: [],
        bytes: 1000,
      },
      plan: {
        inputs: ['bill_length_mm'],
        target: 'body_mass_g',
        target_kind: 'number',
        split: { method: 'random', by: null },
      },
      files,
      train_rows: 40,
      test_rows: 20,
      documentation: 'Penguins. A row of data/train.csv: {"id": "r0", "bill_length_mm": "30.0", "body_mass_g": "3000"}',
    },
  });
}

/** The first attempt of a candidate with the files of its task, as its directory has it. */
export async function withAttempt(candidate: Candidate, directory: string): Promise<Candidate> {
  await writeAttempt(directory, 0, await soundFiles(candidate.proposal?.slug ?? ''));
  return { ...candidate, attempts: [attemptOf({ number: 0, verdict: 'sound' })] };
}

export function attemptOf(change: Partial<Attempt>): Attempt {
  return { number: 0, how: 'first', verdict: null, fault: null, detail: null, evidence: null, gates: [], ...change };
}
