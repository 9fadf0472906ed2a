import type { Candidate } from '../candidate.js';
import type { EarlierProposal } from '../gates/contamination/contamination-sources.js';
import { stageOf } from './stage-of.js';

interface Waiter {
  id: string;
  resolve: (proposals: readonly EarlierProposal[]) => void;
}

/** Proposals of the candidates of lower ids, which a task may not repeat. */
export class EarlierProposals {
  readonly #waiters = new Set<Waiter>();

  /** @param standsStill whether nothing more comes of a candidate in this process */
  constructor(
    private readonly candidates: ReadonlyMap<string, Candidate>,
    private readonly standsStill: (id: string) => boolean,
  ) {}

  /**
   * Waits until each of them has a proposal or has ended without one. Rejects with the reason of a signal that fires first.
   * @returns them in the order of ids
   */
  async of(id: string, ...signals: readonly AbortSignal[]): Promise<readonly EarlierProposal[]> {
    for (const signal of signals) signal.throwIfAborted();
    const known = this.#find(id);
    if (known !== null) return known;
    return new Promise((resolve, reject) => {
      const release = () => {
        this.#waiters.delete(waiter);
        for (const signal of signals) signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        release();
        reject(signals.find(({ aborted }) => aborted)?.reason);
      };
      const waiter: Waiter = {
        id,
        resolve: (proposals) => {
          release();
          resolve(proposals);
        },
      };
      this.#waiters.add(waiter);
      for (const signal of signals) signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** A candidate got its proposal, ended or stands still: those who waited for it look again. */
  changed(): void {
    for (const waiter of [...this.#waiters]) {
      const known = this.#find(waiter.id);
      if (known !== null) waiter.resolve(known);
    }
  }

  /** @returns null: somebody has to be waited for */
  #find(id: string): EarlierProposal[] | null {
    const found: EarlierProposal[] = [];
    for (const candidate of this.candidates.values()) {
      if (candidate.id >= id) continue;
      const { proposal } = candidate;
      if (proposal !== null) found.push({ id: candidate.id, proposal });
      else if (stageOf(candidate) !== null && !this.standsStill(candidate.id)) return null;
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
