import type { Proposal, Topic } from '../candidate.js';
import type { Teacher } from '../teacher/teacher.js';
import { checkDesign, type Design } from './check-design.js';
import { cutCell, type DatasetView } from './dataset-view.js';
import { DesignAnswer } from './design-answer.js';
import type { FoundDataset } from './find-dataset.js';
import { MIN_ROWS } from './tables/make-task-data.js';

const TRIES = 2;
const MOST_SPLITS = 40;
const MOST_CLASSES = 30;
/** Of the words for the type of a column, and of the names of its classes. */
const TYPE_CHARACTERS = 300;
const CLASSES_CHARACTERS = 2000;

/** What the teacher is asked about. */
export interface DesignQuestion {
  topic: Topic;
  proposal: Proposal & { dataset: NonNullable<Proposal['dataset']> };
  found: Extract<FoundDataset, { dataset: unknown }>;
  view: DatasetView;
}

/**
 * Asks how the rows of a dataset become the task, and once more when the answer does not fit the dataset.
 * @returns the design, or why there is none
 * @throws StageFault, BudgetReached; the signal's reason
 */
export async function askDesign(
  question: DesignQuestion,
  teacher: Teacher,
): Promise<{ design: Design } | { unsuitable: string }> {
  let faults: string[] = [];
  for (let number = 1; number <= TRIES; number++) {
    const asked = { key: `design/${number}`, prompt: 'design', variables: variablesOf(question, faults) };
    const answer = await teacher.askJson(asked, DesignAnswer);
    if ('fault' in answer) return { unsuitable: `The teacher gave no usable answer about it: ${answer.fault.detail}` };
    if (!answer.value.suitable) return { unsuitable: answer.value.reason };
    const checked = checkDesign(answer.value, question.view);
    if ('design' in checked) return checked;
    faults = checked.faults;
  }
  return { unsuitable: `The teacher's plan does not fit it: ${faults.join(' ')}` };
}

function variablesOf({ topic, proposal, found, view }: DesignQuestion, faults: string[]): Record<string, unknown> {
  const { slug, name, description, metric, submission, dataset } = proposal;
  return {
    topic: topic.title,
    slug,
    name,
    description,
    metric: { name: metric.name, direction: metric.direction, explanation: metric.explanation },
    submission:
      submission.kind === 'predictions'
        ? 'predictions of the target for the rows of the test table'
        : `files: ${submission.files.join(', ')}`,
    dataset: {
      repo: found.dataset.repo,
      requested: dataset.id,
      is_substitute: found.isSubstitute,
      licence: found.dataset.licence ?? 'not told',
      reason: dataset.reason,
    },
    splits: view.splits.slice(0, MOST_SPLITS).map(({ config, split, rows, bytes }) => ({
      config,
      split,
      rows: rows ?? 'unknown',
      size: `${bytes ?? 0} bytes`,
    })),
    parts: view.parts.map(({ config, split, features, rows }) => ({
      config,
      split,
      features: features.map(({ name: column, type, class_names: names }) => ({
        name: column,
        type: cutCell(type, TYPE_CHARACTERS),
        classes: names ? `, names: ${cutCell(listed(names), CLASSES_CHARACTERS)}` : '',
      })),
      rows: rows.map((row) => JSON.stringify(row)),
    })),
    min_rows: MIN_ROWS,
    faults,
  };
}

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_CLASSES;
  return names.slice(0, MOST_CLASSES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
