import { type Candidate, STAGES } from '../candidate.js';
import type { EarlierProposal } from '../gates/contamination-sources.js';

/**
 * The proposals that a candidate is compared with: those of lower ids. Whoever asks waits until each of them has a proposal or ended
 * without one, whatever comes of it later, so that the answer is the same in whatever order candidates come along. The lowest id that
 * has no proposal waits for nobody, so there is always one that goes on, as long as the pipeline lets it.
 */
export class EarlierProposals {
  private readonly waiting = new Set<() => void>();

  /**
   * @param candidates those of the run as they stand; all of lower ids are there when one is asked for
   * @param isStuck whether a candidate is given up in this process
   */
  constructor(
    private readonly candidates: ReadonlyMap<string, Candidate>,
    private readonly isStuck: (id: string) => boolean,
  ) {}

  /** To be called whenever a candidate changed, or is given up. */
  changed(): void {
    for (const look of [...this.waiting]) look();
  }

  /** @throws the signal's reason */
  async of(id: string, signal: AbortSignal): Promise<EarlierProposal[]> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const finish = (end: () => void): void => {
        this.waiting.delete(look);
        signal.removeEventListener('abort', abort);
        end();
      };
      const look = (): void => {
        if (this.before(id).every((candidate) => this.isSettled(candidate))) finish(resolve);
      };
      const abort = (): void => finish(() => reject(signal.reason));
      signal.addEventListener('abort', abort);
      this.waiting.add(look);
      look();
    });
    return this.before(id)
      .filter((candidate) => candidate.proposal !== null)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((candidate) => ({ id: candidate.id, proposal: candidate.proposal! }));
  }

  /** Whether later candidates may be waiting for this one: it is to go on before them. */
  isAwaited(candidate: Candidate): boolean {
    if (this.isSettled(candidate)) return false;
    return [...this.candidates.values()].some((other) => other.id > candidate.id && this.isSettled(other));
  }

  private before(id: string): Candidate[] {
    return [...this.candidates.values()].filter((candidate) => candidate.id < id);
  }

  private isSettled({ id, state, proposal }: Candidate): boolean {
    return proposal !== null || !(STAGES as readonly string[]).includes(state) || this.isStuck(id);
  }
}
