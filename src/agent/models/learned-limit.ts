/** A refusal that ends a steady climb takes away so much. */
const GENTLE_CUT = 0.06;
/** One that comes soon after another, or is the first: the limit is not near the truth yet. */
const HARD_CUT = 0.5;
/** Answers from a cut to the height that was refused: one refusal in so many is the price of noticing that there is more. */
const CLIMB = 48;
/** Growth beyond a known height, per answer of the limit's own size, where nothing was refused yet. */
const FIRST_GROWTH = 1;

/**
 * How much of something an endpoint takes, found out by what it refuses: cut at a refusal, and then on a cubic curve back to the height
 * that was refused, slowly around it, and ever faster beyond (the curve of TCP CUBIC, RFC 9438, counted in answers instead of seconds, so
 * that it is the same for a request an hour and a thousand a second).
 */
export class LearnedLimit {
  #value: number;
  #peak: number | null = null;
  #cut = HARD_CUT;
  #answers = 0;

  /**
   * @param start before anything was refused; Infinity: no limit until then
   * @param least what it never falls below
   */
  constructor(
    start: number,
    private readonly least: number,
  ) {
    this.#value = start;
  }

  get value(): number {
    return this.#value;
  }

  /** Whether anything was refused yet. */
  get isLearned(): boolean {
    return this.#peak !== null;
  }

  /** An answer came to a request that had waited for this limit; those that did not say nothing about it. */
  answered(): void {
    this.#answers++;
    if (this.#peak === null) {
      this.#value += FIRST_GROWTH;
      return;
    }
    this.#value = Math.max(this.least, this.#peak * (1 + this.#cut * ((this.#answers - CLIMB) / CLIMB) ** 3));
  }

  /**
   * A request was refused that was sent after the last cut.
   * @param used what was really used of the limit then
   */
  refused(used: number): void {
    const isNear = this.#peak !== null && this.#answers >= CLIMB / 4;
    this.#peak = Math.max(this.least, Math.min(this.#value, used));
    this.#cut = isNear ? GENTLE_CUT : HARD_CUT;
    this.#answers = 0;
    this.#value = Math.max(this.least, this.#peak * (1 - this.#cut));
  }
}
