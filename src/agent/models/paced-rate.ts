/** Where the climb to the throughput that was last answered begins, as a share of it, and how many departures it takes. */
const BEGIN = 0.95;
const CLIMB = 64;
/** The same while little is known. */
const FIRST_BEGIN = 0.8;
const FIRST_DOUBLING = 16;
/** From as many answers between two refusals on their throughput is to be relied on. */
const LEAST_ANSWERED = 8;
/** A pace above so many times the throughput was a leap, not a climb. */
const LEAP = 2;
/** What an earlier stretch between two refusals still counts after the next one. */
const KEEPING = 0.5;
/** Where the pace begins after a long climb: so far from what was granted towards the pace that was refused. */
const SHARE = 0.5;

/** What a stretch between two refusals came to. */
export interface Stretch {
  /** Requests that were sent in it and not refused. */
  answered: number;
  seconds: number;
}

/**
 * The rate of an endpoint, learned from its refusals alone. Whatever it counts with, a bucket or a window, it has nothing left when it
 * refuses; so what it took from one refusal to the next is what it grants in that time, however much it had put by before the first. The
 * pace is a little below that, comes up to it, stays near it, and then tries more and more (on the curve of TCP CUBIC, RFC 9438, counted
 * in departures).
 */
export class PacedRate {
  #perSecond = Number.POSITIVE_INFINITY;
  #base = Number.POSITIVE_INFINITY;
  #isSure = false;
  #departures = 0;
  #sum: Stretch = { answered: 0, seconds: 0 };

  /** Requests a second; Infinity: nothing was refused yet. */
  get perSecond(): number {
    return this.#perSecond;
  }

  get isLearned(): boolean {
    return Number.isFinite(this.#perSecond);
  }

  /** A request was sent that had waited for its time; those that did not say nothing about it. */
  departed(): void {
    if (!this.isLearned) return;
    this.#departures++;
    this.#perSecond =
      this.#base *
      (this.#isSure
        ? 1 + (1 - BEGIN) * ((this.#departures - CLIMB) / CLIMB) ** 3
        : FIRST_BEGIN * 2 ** Math.min(this.#departures / FIRST_DOUBLING, 30));
  }

  /**
   * The first request was refused.
   * @param perSecond what was sent lately, with all that the endpoint had put by
   */
  refusedFirst(perSecond: number): void {
    this.#begin(perSecond / 2, false);
  }

  /**
   * A request was refused after another.
   * @returns whether a new stretch begins with it; false: nothing was answered in between, and this one goes on
   */
  refusedAgain({ answered, seconds }: Stretch): boolean {
    if (answered < 1) {
      this.#begin(Math.min(this.#base, 0.5 / seconds), false);
      return false;
    }
    const mean = answered / seconds;
    const isSure = this.#perSecond <= LEAP * mean && (this.#isSure || answered >= LEAST_ANSWERED);
    const kept = isSure && this.#isSure ? KEEPING : 0;
    this.#sum = { answered: kept * this.#sum.answered + answered, seconds: kept * this.#sum.seconds + seconds };
    const granted = this.#sum.answered / this.#sum.seconds;
    // Who refuses only after a long climb cannot put by what was not asked for, and granted less than it would have.
    const isLong = isSure && answered >= CLIMB;
    this.#begin(isLong ? granted + Math.max(0, this.#perSecond - granted) * SHARE : granted, isSure);
    return true;
  }

  /** It was something else that was refused. */
  forget(): void {
    this.#perSecond = Number.POSITIVE_INFINITY;
    this.#base = Number.POSITIVE_INFINITY;
    this.#isSure = false;
  }

  #begin(base: number, isSure: boolean): void {
    this.#base = base;
    this.#isSure = isSure;
    this.#departures = 0;
    this.#perSecond = base * (isSure ? BEGIN : FIRST_BEGIN);
  }
}
