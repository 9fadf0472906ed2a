import type { RetryClock } from '../../agent/models/retry-policy.js';
import type { FaultVerdict } from './outage.js';
import type { PlayerState } from './player-state.js';
import type { ServerGovernor } from './server-governor.js';
import type { TryFault } from './try-fault.js';

/** A try that the server lost is nobody's fault, unless it is this attempt that takes servers down. */
const MOST_SPARED = 20;

/** Whose fault it is that tries end, and how long nothing of the kind is begun. */
export class Blame {
  readonly #spared = new Map<string, number>();

  constructor(private readonly clock: Pick<RetryClock, 'now'>) {}

  /** @param id of the attempt. Server or player wait when it befalls everybody */
  verdict(id: string, { kind, message }: TryFault, state: PlayerState, governor: ServerGovernor): FaultVerdict {
    switch (kind) {
      case 'run':
        return { isOutage: true, waitMs: 0 };
      case 'connection': {
        const spared = (this.#spared.get(id) ?? 0) + 1;
        this.#spared.set(id, spared);
        return { isOutage: spared <= MOST_SPARED, waitMs: 0 };
      }
      case 'endpoint': {
        const verdict = state.outage.failed(id, message);
        state.blockedUntilMs = this.clock.now() + verdict.waitMs;
        return verdict;
      }
      case 'server': {
        const verdict = governor.outage.failed(id, message);
        if (verdict.isOutage) governor.pause(verdict.waitMs);
        return verdict;
      }
      default:
        return { isOutage: false, waitMs: 0 };
    }
  }
}
