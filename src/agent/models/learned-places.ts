/** Most answers after which one more is tried: one refusal in so many is the price of noticing that there is more room. */
const MOST_BETWEEN = 64;
/** What is left after a refusal that comes so soon that the one before cannot have told the truth. */
const SOON = { share: 0.25, left: 0.75 };

/**
 * How many requests an endpoint takes at once, found out by what it refuses. Before anything was refused it doubles with every round of
 * answers. A refusal takes away the place that was refused; then one at a time is tried again, each time after twice as many answers while
 * it is refused, and after half as many when it is taken.
 */
export class LearnedPlaces {
  #value: number;
  #isLearned = false;
  #isTrying = false;
  #between = 1;
  #answers = 0;

  /** @param start before anything was refused */
  constructor(start: number) {
    this.#value = start;
  }

  get value(): number {
    return this.#value;
  }

  /** Whether anything was refused yet. */
  get isLearned(): boolean {
    return this.#isLearned;
  }

  /** @param among how many were under way with a request that had taken the last place, and was answered */
  answered(among: number): void {
    this.#answers++;
    if (this.#isTrying && among >= this.#value) {
      this.#isTrying = false;
      this.#between = Math.max(1, this.#between / 2);
    }
    if (this.#answers < this.#between) return;
    this.#answers = 0;
    this.#value++;
    this.#isTrying = true;
  }

  /** It was something else that was refused: there may be more room than was thought. */
  doubt(): void {
    this.#between = 1;
  }

  /** @param among how many were under way with a request that was refused, and sent after the last refusal was known */
  refused(among: number): void {
    const isSoon = this.#isLearned && !this.#isTrying && this.#answers < this.#value * SOON.share;
    this.#value = Math.max(1, Math.min(this.#value, among) - 1);
    if (isSoon) this.#value = Math.max(1, Math.floor(this.#value * SOON.left));
    this.#between = Math.min(MOST_BETWEEN, this.#between * 2);
    this.#isLearned = true;
    this.#isTrying = false;
    this.#answers = 0;
  }
}
