import { afterFailure } from '../debugging/after-failure.js';
import type { Stage } from '../stage.js';
import { Verification } from './verification.js';

/**
 * Tries the newest attempt of a candidate out: its gates, then episodes that the teacher plays. Verdicts are saved as they come, so that
 * a later process goes on behind them. A failed attempt goes back to generation or ends the candidate; a sound one is published, or kept
 * as `frontier` when it has a reason.
 */
export const verificationStage: Stage = {
  name: 'verification',
  async run(candidate, context) {
    if (candidate.attempts.at(-1)?.verdict === 'failed') return afterFailure(candidate, context.settings);
    return new Verification(candidate, context).toEnd();
  },
};
