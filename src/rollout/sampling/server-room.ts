import type { Capacity } from '../../client/index.js';

/** Resets of GPU tasks that may wait for a lease: the next one is ready when a GPU is given back, and no more places are held for it. */
const MOST_WAITING = 1;
/** Where a server does not tell its GPUs. */
const MOST_UNTOLD = 2;

/** An episode of ours at a server. */
export interface Place {
  /** The reset is over: its GPUs are leased. */
  started(): void;
  /** Idempotent. */
  end(): void;
}

/**
 * How many episodes of ours a server holds: what it told, and what it refused. Others use it as well, so that this goes up and down; it is
 * looked at again when something was refused or waits, and else believed.
 */
export class ServerRoom {
  #ours = 0;
  /** Most of ours at once; Infinity: not known. */
  #most = Number.POSITIVE_INFINITY;
  #totalGpus: number | null = null;
  #othersGpus = 0;
  #heldGpus = 0;
  /** Resets of GPU tasks under way, and their GPUs. */
  #asking = 0;
  #askedGpus = 0;
  #isRefused = false;

  get ours(): number {
    return this.#ours;
  }

  get heldGpus(): number {
    return this.#heldGpus;
  }

  /** null: not known. */
  get most(): number | null {
    return Number.isFinite(this.#most) ? this.#most : null;
  }

  /** Places that are free for ours. */
  get free(): number {
    return Math.max(0, this.#most - this.#ours);
  }

  /** Something of ours cannot be begun, or waits there: the server is to be asked again before long. */
  get isTight(): boolean {
    return this.#isRefused || this.#asking > 0;
  }

  /** Whether the server has that many GPUs at all, as far as is known. */
  canEverHold(gpus: number): boolean {
    return this.#totalGpus === null || gpus <= this.#totalGpus;
  }

  hasRoom(gpus: number): boolean {
    if (this.#ours >= this.#most || !this.canEverHold(gpus)) return false;
    if (gpus === 0) return true;
    if (this.#totalGpus === null) return this.#asking < MOST_UNTOLD;
    const left = this.#totalGpus - this.#othersGpus - this.#heldGpus - this.#askedGpus;
    // One that does not fit waits, and may do so behind others that do.
    return left >= gpus || this.#asking < MOST_WAITING;
  }

  take(gpus: number): Place {
    this.#ours++;
    let state: 'asked' | 'held' | 'over' = 'asked';
    if (gpus > 0) {
      this.#asking++;
      this.#askedGpus += gpus;
    }
    const granted = (): void => {
      if (gpus === 0) return;
      this.#asking--;
      this.#askedGpus -= gpus;
    };
    return {
      started: () => {
        if (state !== 'asked') return;
        state = 'held';
        granted();
        this.#heldGpus += gpus;
        // It was given more than others were thought to leave.
        if (this.#totalGpus !== null) this.#othersGpus = Math.min(this.#othersGpus, this.#totalGpus - this.#heldGpus);
      },
      end: () => {
        if (state === 'asked') granted();
        if (state === 'held') this.#heldGpus -= gpus;
        if (state !== 'over') this.#ours--;
        state = 'over';
      },
    };
  }

  /** The server said how it stands. */
  told({ episodes, gpus }: Capacity): void {
    const others = Math.max(0, episodes.used - this.#ours);
    this.#most = Math.max(0, episodes.limit - others);
    this.#isRefused = others > 0 && this.#ours >= this.#most;
    this.#totalGpus = gpus?.total ?? null;
    this.#othersGpus = gpus ? Math.max(0, gpus.leased - this.#heldGpus) : 0;
  }

  /** It took no episode more, and those that end may make room for others. Called after the place was given back. */
  refused(): void {
    this.#most = Math.min(this.#most, this.#ours);
    this.#isRefused = true;
  }

  /** A server that does not tell is tried again. */
  allowOneMore(): void {
    if (!this.#isRefused) return;
    this.#most = this.#ours + 1;
    this.#isRefused = false;
  }

  /** Another server, or the same one anew: nothing that was known holds. */
  forget(): void {
    this.#most = Number.POSITIVE_INFINITY;
    this.#totalGpus = null;
    this.#othersGpus = 0;
    this.#isRefused = false;
  }
}
