import type { AgentRun } from '../../agent/agent-run.js';
import type { playAttempt, TryParts } from './play-attempt.js';
import type { SamplerOptions } from './sampler-options.js';
import { resetFault, runFault, type TryFault } from './try-fault.js';

/** What a try came to. */
export type Played =
  | { kind: 'result'; run: AgentRun }
  | { kind: 'fault'; fault: TryFault }
  /** Its signal fired. */
  | { kind: 'dropped' };

/**
 * Plays a try and says what it came to.
 * @param hasAnswered whether its model ever answered, asked afterwards
 * @throws what only a fault of this program throws
 */
export async function playOnce(
  play: typeof playAttempt,
  parts: TryParts,
  options: Pick<SamplerOptions, 'limits' | 'options'>,
  hasAnswered: () => boolean,
): Promise<Played> {
  const { signal } = parts;
  try {
    const run = await play(parts, options);
    if (signal.aborted || run.stop === 'aborted') return { kind: 'dropped' };
    const fault = runFault(run, hasAnswered());
    return fault === null ? { kind: 'result', run } : { kind: 'fault', fault };
  } catch (error) {
    if (signal.aborted) return { kind: 'dropped' };
    const fault = resetFault(error);
    if (fault === null) throw error;
    return { kind: 'fault', fault };
  }
}
