import type { ExitReason, ExitStatus } from '../../protocol/index.js';
import type { StepOutcome } from '../episode/episode-report.js';
import { evaluatedText, exitedText } from '../observation/observation.js';
import type { Evaluation } from './evaluation.js';

/** How an episode that is scored at its end has ended. */
function exitStatusOf(reason: ExitReason, { verdict }: Evaluation): ExitStatus {
  if (reason === 'shell_lost') return 'early_exit';
  switch (verdict) {
    case 'scored':
      return reason === 'submit' ? 'submitted' : 'autosubmission';
    case 'not_found':
      return 'submission_not_found';
    case 'format_error':
      return 'evaluation_format_error';
    case 'failed':
      return 'evaluation_error';
  }
}

/** What an evaluation makes of the step that led to it. @param before what a command showed that led to it */
export function evaluationOutcome(
  evaluation: Evaluation,
  reason: ExitReason | 'validate',
  before: string,
  compat: 'mlgym' | 'fixed',
): StepOutcome {
  if (reason === 'validate') return { text: evaluatedText(reason, before, evaluation.text, compat), evaluation };
  const text = evaluatedText(reason, before, exitedText(reason), compat);
  return { text, evaluation, end: { status: exitStatusOf(reason, evaluation), reason, error: evaluation.error } };
}
