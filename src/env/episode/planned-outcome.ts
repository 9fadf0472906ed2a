import { exitedText, NOTHING_RUNS, SKIPPED } from '../observation/observation.js';
import type { Plan } from './classify-action.js';
import type { StepOutcome } from './episode-report.js';

/** The outcome of a plan that needs neither sandbox nor evaluation. */
export function plannedOutcome(
  plan: Extract<Plan, { kind: 'observe' | 'skip' | 'forfeit' | 'wait' | 'interrupt' }>,
): StepOutcome {
  switch (plan.kind) {
    case 'observe':
      return { text: plan.text };
    case 'skip':
      return { text: SKIPPED, end: { status: 'skipped', reason: 'skip' } };
    case 'forfeit':
      return { text: exitedText('exit_forfeit'), end: { status: 'exit_forfeit', reason: 'exit_forfeit' } };
    default:
      return { text: NOTHING_RUNS };
  }
}
