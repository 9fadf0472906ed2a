import { ACTION_TEXT_BYTES } from '../limits.js';
import { UNCARRIED_CHARACTER, uncarriedLength } from '../observation/observation.js';
import type { Plan } from './classify-action.js';

/** NUL, and halves of surrogate pairs. */
const UNCARRIED = /[\0\p{Surrogate}]/u;
/** Shortest text that could be too long: in JSON one character takes six bytes at most. */
const CERTAINLY_SHORT = Math.floor(ACTION_TEXT_BYTES / 8);

/** @returns whether a text holds characters that no program can be given */
export function isUncarried(text: string): boolean {
  return UNCARRIED.test(text);
}

/**
 * Finds what no program can be given: the agent then reads that, instead of losing its sandbox to it.
 * @returns the observation, or null when the plan can be carried out
 */
export function actionFault(plan: Plan): string | null {
  const texts = textsOf(plan);
  if (texts.some(isUncarried)) return UNCARRIED_CHARACTER;
  if (texts.reduce((sum, { length }) => sum + length, 0) <= CERTAINLY_SHORT) return null;
  const bytes = Buffer.byteLength(JSON.stringify(texts));
  return bytes > ACTION_TEXT_BYTES ? uncarriedLength(bytes, ACTION_TEXT_BYTES) : null;
}

function textsOf(plan: Plan): string[] {
  if (plan.kind === 'shell') return [plan.command];
  if (plan.kind !== 'tool') return [];
  const texts = plan.calls.flatMap(({ args, stdin }) => [...args, stdin ?? '']);
  return plan.path === null ? texts : [...texts, plan.path];
}
