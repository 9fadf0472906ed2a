import type { z } from 'zod';
import { Proposal } from '../candidate.js';
import { programLimits } from '../generation/program-limits.js';
import { shadowedModule } from '../generation/shadowed-module.js';
import type { SynthSettings } from '../settings.js';

/** Files of every workspace that a submission cannot be, and directories that are somebody's already. */
const TAKEN_FILES = new Set([
  'baseline.py',
  'evaluate.py',
  'answers.csv',
  'sample_submission.csv',
  'runner.py',
  'referee.py',
]);
const TAKEN_DIRECTORIES = new Set(['data', 'hidden', 'checks']);
const MAX_PATH_CHARACTERS = 100;
/** Loading one of these runs what is in it. */
const PICKLES = /\.(?:pkl|pickle|pt|pth|bin|ckpt|joblib|dill|model)$/i;
/** Addresses of a dataset, which teachers write where its name belongs. */
const HUB_ADDRESS = /^(?:https?:\/\/)?(?:[\w.-]+\/)?datasets\//i;

/**
 * @returns what a proposal has to be so that the task can be built: beyond its form, what does not fit the kind of submission, the machine or
 *   the limits is a fault, which the teacher gets to mend once
 */
export function proposalAnswer(settings: SynthSettings) {
  const { environment } = settings;
  const mostMinutes = programLimits(settings).baselineS / 60;
  const form = Proposal.superRefine((proposal, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const { path, message } of faultsOf(proposal)) fault(path, message);
    if (proposal.baseline_minutes > mostMinutes) {
      fault(['baseline_minutes'], `the baseline has ${mostMinutes} minutes at most; simplify the task or its data`);
    }
    if (proposal.gpus > environment.gpus) fault(['gpus'], `the environment has ${environment.gpus}`);
  });
  return form.transform(tidy);
}

/** A proposal as it is kept: what teachers write in several ways is written in one. */
function tidy(proposal: Proposal): Proposal {
  const { dataset } = proposal;
  if (dataset === null) return proposal;
  return { ...proposal, dataset: { ...dataset, id: datasetName(dataset.id) } };
}

function datasetName(id: string): string {
  return id
    .trim()
    .replace(HUB_ADDRESS, '')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '');
}

type Fault = { path: string[]; message: string };

function faultsOf(proposal: z.output<typeof Proposal>): Fault[] {
  const { metric, submission, dataset, description } = proposal;
  const faults: Fault[] = [];
  const fault = (path: string, message: string) => faults.push({ path: path.split('.'), message });
  if (metric.upper !== null && metric.upper <= metric.lower) fault('metric.upper', 'is not above metric.lower');
  if (description.trim().split(/\s+/).length < 12) fault('description', 'says too little: 12 words at least');
  if (dataset !== null && datasetName(dataset.id) === '')
    fault('dataset.id', 'is empty; null where no dataset is needed');
  if (dataset !== null && dataset.query.trim() === '') fault('dataset.query', 'is empty');
  faults.push(...faultsOfFiles(submission.files));
  switch (submission.kind) {
    case 'predictions':
      if (dataset === null)
        fault('dataset', 'predictions are made for rows of a dataset: name one, or take another kind');
      if (submission.files.join() !== 'submission.csv') {
        fault('submission.files', 'are ["submission.csv"] where predictions are handed in');
      }
      break;
    case 'program':
      if (!submission.files.some((name) => name.endsWith('.py'))) {
        fault('submission.files', 'hold no Python file, which a program is');
      }
      break;
    case 'artifact':
      if (submission.files.some((name) => name.endsWith('.py'))) {
        fault('submission.files', 'hold a program; artifacts are data, code that is handed in is of the kind program');
      }
  }
  return faults;
}

function faultsOfFiles(files: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const fault = (name: string, problem: string) =>
    faults.push({ path: ['submission', 'files'], message: `${name} ${problem}` });
  for (const [at, name] of files.entries()) {
    const [top = ''] = name.split('/');
    if (name.length > MAX_PATH_CHARACTERS) fault(name, `is longer than ${MAX_PATH_CHARACTERS} characters`);
    else if (/(?:^|\/)[.-]/.test(name)) fault(name, 'has a part that begins with a dot or a hyphen');
    else if (TAKEN_FILES.has(top) || TAKEN_DIRECTORIES.has(top)) {
      fault(name, 'is a place of the task itself; take another name');
    } else if (shadowedModule(name) !== null) {
      fault(name, `would be imported in place of the module ${shadowedModule(name)}; take another name`);
    } else if (PICKLES.test(name))
      fault(name, 'is of a kind that runs code when it is loaded; use .npz, .json or .csv');
    if (files.indexOf(name) !== at) fault(name, 'is named twice');
    if (files.some((other) => other.startsWith(`${name}/`))) fault(name, 'is a file and also a directory');
  }
  return faults;
}
