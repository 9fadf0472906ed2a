import { GATES_BY_DEFAULT } from '../gates/gate.js';
import type { SynthSettings } from '../settings.js';

/**
 * How long programs may take, in seconds: where they are ended, or sooner where the gate of cost refuses them.
 * @returns limits of `baseline.py` and of one evaluation, as their writers are to be told
 */
export function programLimits({ gates, verification }: SynthSettings): { baselineS: number; evaluationS: number } {
  const { cost, baseline_timeout_s, evaluation_timeout_s } = verification;
  if (!(gates.cost ?? GATES_BY_DEFAULT.cost))
    return { baselineS: baseline_timeout_s, evaluationS: evaluation_timeout_s };
  return {
    baselineS: Math.min(baseline_timeout_s, cost.baseline_s),
    evaluationS: Math.min(evaluation_timeout_s, cost.evaluation_s),
  };
}
