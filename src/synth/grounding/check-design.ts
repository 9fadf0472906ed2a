import type { DataPlan, HubFeature } from '../candidate.js';
import type { DatasetPart, DatasetView } from './dataset-view.js';
import type { DesignAnswer } from './design-answer.js';
import { isFileFeature, isNestedFeature } from './feature-words.js';
import { isTime } from './tables/split-rows.js';

/** Types whose cells are numbers. */
const NUMBER_TYPE = /^(?:u?int|float|double|decimal|bfloat)/;

/** A design that fits what is there. */
export interface Design {
  config: string;
  split: string;
  plan: DataPlan;
  features: HubFeature[];
  /** Sample rows of the subset, of the chosen split or another one. */
  rows: Record<string, string>[];
}

/**
 * Holds an answer about a dataset against the dataset.
 * @returns the design, or what is wrong with it in words for the teacher
 */
export function checkDesign(answer: DesignAnswer, view: DatasetView): { design: Design } | { faults: string[] } {
  const { config, split, plan } = answer;
  if (config === null || split === null || plan === null) {
    return { faults: ['config, split and plan must be given for a suitable dataset.'] };
  }
  if (!view.splits.some((entry) => entry.config === config && entry.split === split)) {
    return {
      faults: [`There is no split "${split}" of a subset "${config}" that may be used; choose one of the list.`],
    };
  }
  const parts = view.parts.filter((entry) => entry.config === config);
  const part = parts.find((entry) => entry.split === split) ?? parts[0];
  if (!part)
    return { faults: [`The columns of subset "${config}" were not shown; choose a subset whose columns are listed.`] };
  const method = plan.split.method;
  const fixed: DataPlan = method === 'random' ? { ...plan, split: { method, by: null } } : plan;
  const faults = [...columnFaults(fixed, part), ...splitFaults(fixed, part)];
  if (faults.length > 0) return { faults };
  return { design: { config, split, plan: fixed, features: part.features, rows: part.rows } };
}

function columnFaults({ inputs, target, target_kind }: DataPlan, { features, rows }: DatasetPart): string[] {
  const known = new Map(features.map((feature) => [feature.name, feature]));
  const faults = [...new Set([...inputs, target])]
    .filter((name) => !known.has(name))
    .map((name) => `There is no column "${name}"; the columns are ${[...known.keys()].join(', ')}.`);
  if (new Set(inputs).size < inputs.length) faults.push('An input is named twice.');
  if (inputs.includes(target)) faults.push(`The target "${target}" is among the inputs.`);
  for (const name of [...inputs, target]) {
    if (name.toLowerCase() === 'id')
      faults.push(`The column "${name}" cannot be used: the tables have an id of their own.`);
  }
  const feature = known.get(target);
  if (!feature) return faults;
  if (isFileFeature(feature) || isNestedFeature(feature)) {
    faults.push(`The target "${target}" is of type ${feature.type}; a target is a text or a number in one cell.`);
  }
  if (target_kind === 'number' && !isNumbers(feature, rows)) {
    faults.push(`The target "${target}" is of type ${feature.type}, and its cells are no numbers.`);
  }
  return faults;
}

function isNumbers({ name, type, class_names }: HubFeature, rows: readonly Record<string, string>[]): boolean {
  if (class_names) return false;
  if (NUMBER_TYPE.test(type)) return true;
  const cells = rows.map((row) => row[name] ?? '').filter((cell) => cell !== '');
  return cells.length > 0 && cells.every((cell) => cell.trim() !== '' && Number.isFinite(Number(cell)));
}

function splitFaults({ target, split }: DataPlan, { features, rows }: DatasetPart): string[] {
  if (split.method === 'random') return [];
  const { method, by } = split;
  if (by === null) return [`A ${method} split needs a column in "by".`];
  const feature = features.find(({ name }) => name === by);
  if (!feature) return [`There is no column "${by}" to split by.`];
  if (by === target) return [`The rows cannot be split by the target "${target}".`];
  if (isFileFeature(feature) || isNestedFeature(feature))
    return [`The column "${by}" holds ${feature.type}; rows are split by texts or numbers.`];
  const cells = rows.map((row) => row[by] ?? '').filter((cell) => cell !== '');
  if (method === 'temporal' && !cells.every(isTime)) {
    return [`The column "${by}" holds neither numbers nor ISO dates, so that its rows have no order in time.`];
  }
  return [];
}
