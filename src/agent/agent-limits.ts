import type { CostLimits } from './models/cost-meter.js';

/** Where an agent is told to stop; each ends in a submission of what there is. Zero: no limit. Steps are the environment's. */
export interface AgentLimits extends CostLimits {
  /** Input tokens of one call, as the model counts them. What it can read at most it knows itself. */
  contextTokens: number;
  /** Wall-clock of the episode in milliseconds, counted from the end of the reset. A running command is interrupted. */
  timeMs: number;
}
