import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT_ROOT } from '../../src/config.js';
import { type Attempt, Candidate, type Proposal } from '../../src/synth/candidate.js';
import { newAttempt } from '../../src/synth/debugging/new-attempt.js';
import { writeAttempt } from '../../src/synth/generation/attempt-files.js';
import type { AnswerFile } from '../../src/synth/teacher/teacher.js';
import { sampleCandidate, sampleProposal } from './sample-candidate.js';

const TASKS = path.join(PROJECT_ROOT, 'stand-ins/teacher/tasks');

/** The programs of a recorded task, which are without faults, as a teacher answers them. */
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

function proposal(slug: string, change: Partial<Proposal>): Proposal {
  return sampleProposal({
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
    approach_of_baseline: 'It does the simplest thing that works',
    room_for_improvement: 'Do something better.',
    baseline_minutes: 0.1,
    ...change,
  });
}

/** What a sound task of each kind proposes; the programs are those of the stand-in for a teacher. */
export const PROPOSALS = {
  predictions: proposal('table-number', {
    metric: { name: 'rmse', direction: 'minimize', lower: 0, upper: null, explanation: 'Root of the mean square' },
    dataset: { id: 'orchard/pears', query: 'pears', reason: 'It has lengths and weights' },
  }),
  program: proposal('well', {
    metric: { name: 'points', direction: 'maximize', lower: 0, upper: 5, explanation: 'Mean points of a round' },
    submission: { kind: 'program', files: ['player.py'] },
  }),
  artifact: proposal('cart', {
    metric: { name: 'steps', direction: 'maximize', lower: 0, upper: 400, explanation: 'Mean steps' },
    submission: { kind: 'artifact', files: ['policy.json'] },
  }),
} as const satisfies Record<string, Proposal>;
export type Kind = keyof typeof PROPOSALS;

/** Actions of an agent that does better than the baseline, by kind. */
export const BETTER: Readonly<Record<Kind, string>> = {
  predictions: `python - <<'E'
import csv
rows = list(csv.DictReader(open('data/test.csv')))
with open('submission.csv', 'w') as out:
    out.write('id,body_mass_g\\n' + ''.join(f"{r['id']},{100 * float(r['bill_length_mm'])}\\n" for r in rows))
E`,
  program: `cat > player.py <<'E'\n${readFileSync(path.join(TASKS, 'well/solution/player.py'), 'utf8')}E`,
  artifact: `echo '{"weights": [0.1, 0.25, 2.0, 0.6]}' > policy.json`,
};

/** A candidate without grounding and attempts, of a kind. */
export function newCandidate(kind: Kind, change: Partial<Candidate> = {}): Candidate {
  return sampleCandidate({
    id: '0007-1-pears-by-length',
    seed: 11,
    state: 'generation',
    proposal: PROPOSALS[kind],
    grounding: {
      dataset: null,
      plan: null,
      files: [],
      train_rows: 0,
      test_rows: 0,
      documentation: '',
      repository: null,
    },
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
  return { ...newAttempt(0, 'first'), ...change };
}
