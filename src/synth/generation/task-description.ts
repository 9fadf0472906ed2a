import type { Grounding, Proposal } from '../candidate.js';
import { REPOSITORY_DIRECTORY } from '../from-repo/repository.js';
import type { SynthSettings } from '../settings.js';

/** Marks of control characters and halves of characters, which no YAML file holds. */
const UNPRINTABLE = /[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * Text as a task file holds it: Unix line ends, nothing that cannot be printed, no spaces around it.
 * @param fallback stands for a text of which nothing is left
 */
export function plainText(text: string, fallback = '-'): string {
  const plain = text.replace(/\r\n?/g, '\n').replace(UNPRINTABLE, '').trim();
  return plain === '' ? fallback : plain;
}

/** Text that Python's `str.format` gives back as it is. */
export function formatSafe(text: string): string {
  return text.replace(/[{}]/g, '$&$&');
}

function sentence(text: string): string {
  const plain = plainText(text, '');
  return plain === '' || /[.!?)\]]$/.test(plain) ? plain : `${plain}.`;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function handedIn({ submission }: Proposal, target: string | null): string {
  const files = list(submission.files);
  switch (submission.kind) {
    case 'predictions': {
      const columns = target === null ? 'of sample_submission.csv' : `id and ${target}`;
      return `Hand in submission.csv, a table with the columns ${columns} and one row for every id of data/test.csv, as in sample_submission.csv. Only submission.csv is handed in.`;
    }
    case 'program':
      return `Hand in ${files}: evaluate.py runs ${submission.files.length === 1 ? 'it' : 'them'} in a process apart from its own, with a limit of time. Nothing else is handed in, so the code must not need other files of yours.`;
    case 'artifact':
      return `Hand in ${files}, made by whatever programs you write: evaluate.py reads ${submission.files.length === 1 ? 'it' : 'them'} as data. Nothing else is handed in.`;
  }
}

/** What an agent has to know of the code base that its task is about. */
function repositoryText({ repository }: Grounding): string[] {
  if (!repository) return [];
  const { editable, entry_point } = repository;
  const files = list(editable.map((file) => `${REPOSITORY_DIRECTORY}/${file}`));
  return [
    `${REPOSITORY_DIRECTORY}/ holds the code base; \`${entry_point}\`, run inside of it, is how it is run. You may change ${files}. Everything else in it is frozen: an evaluation uses it as it was given to you, whatever you changed, so your changes must work with it.`,
  ];
}

function scoring({ metric }: Proposal): string {
  const better = metric.direction === 'maximize' ? 'higher is better' : 'lower is better';
  const range = metric.upper === null ? `at least ${metric.lower}` : `between ${metric.lower} and ${metric.upper}`;
  return `The score is ${metric.name}, ${better}; it is ${range}. ${sentence(metric.explanation)}`.trim();
}

function evaluating({ submission }: Proposal, hasHidden: boolean): string {
  const call = submission.kind === 'predictions' ? 'evaluate.py --submission_file submission.csv' : 'evaluate.py';
  const needs = submission.kind === 'predictions' ? 'The true answers' : 'What the submission is tried on';
  const how = hasHidden
    ? `${needs} and all else that only the evaluation may know is not in the workspace, so evaluate.py can be read there and not run.`
    : `\`python ${call}\` prints one JSON object with the score, or says what is wrong with the submission.`;
  return `evaluate.py shows how a submission is scored. ${how} Scores come from an untouched copy of it in another place, which gets nothing of yours but what is handed in: changing evaluate.py changes nothing.`;
}

/**
 * The goal of a task in words that are enough for an agent. With a dataset `{dataset_docs}` stands where its documentation goes; every
 * other brace is doubled, because the text is filled in as Python's `str.format` does it.
 */
export function taskDescription(
  proposal: Proposal,
  grounding: Grounding,
  settings: Pick<SynthSettings, 'environment' | 'verification'>,
  options: { hasDataset: boolean; hasHidden: boolean },
): string {
  const { baseline_timeout_s, evaluation_timeout_s } = settings.verification;
  const gpus = Math.min(proposal.gpus, settings.environment.gpus);
  const target = grounding.plan?.target ?? null;
  const left = proposal.submission.kind === 'predictions' ? 'submission.csv' : list(proposal.submission.files);
  const goal = [plainText(proposal.description), ...repositoryText(grounding)];
  const rest = [
    `baseline.py is a first solution to beat: \`python baseline.py\` leaves ${left} in the workspace. ${sentence(proposal.approach_of_baseline)} It takes its seed from the environment variable SEED.`,
    handedIn(proposal, target),
    `${scoring(proposal)} ${evaluating(proposal, options.hasHidden)}`,
    `One command may take ${baseline_timeout_s} seconds, an evaluation ${evaluation_timeout_s}. There is no network. Programs run with ${plainText(settings.environment.description)}${gpus > 0 ? `; ${gpus} GPU${gpus === 1 ? '' : 's'}` : ''}.`,
  ];
  const part = (texts: readonly string[]) => formatSafe(texts.join('\n\n'));
  // The documentation ends with an empty line of its own.
  return options.hasDataset ? `${part(goal)}\n\n{dataset_docs}${part(rest)}` : part([...goal, ...rest]);
}
