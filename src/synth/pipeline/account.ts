import type { RunBudget } from '../../run/run-budget.js';
import { NOTHING_SPENT, type Spent } from '../../run/spent.js';
import { sumSpent } from '../../run/sum-spent.js';
import type { Turnstile, Urgency } from '../../run/turnstile.js';
import { spentOnCall } from '../run/spent-on-call.js';
import type { CallCost, CallMeter } from '../teacher/teacher.js';

const HOUR_S = 3600;

/** What accounts of a run share. */
export interface Till {
  budget: RunBudget;
  questions: Turnstile;
  sandboxes: Turnstile;
  gpusOfSandbox: number;
  /** @throws what ends the run, when something does */
  refuse(): void;
  /** Called when a question is over. */
  onAnswered(): void;
}

/** What a candidate spends, within what the run may. */
export class Account implements CallMeter {
  #questions: Spent = NOTHING_SPENT;
  #sandboxes: Spent = NOTHING_SPENT;
  #refusal: unknown = null;
  #isRefused = false;
  /** Sandboxes that wait while it asks. */
  #held = 0;
  #seconds = 0;

  constructor(
    private readonly till: Till,
    private readonly urgency: (sandboxSeconds: number) => Urgency,
    private settled: Spent,
  ) {}

  /** @returns all that was spent, from now on for good: what it brought is being saved */
  settle(): Spent {
    this.settled = sumSpent(this.settled, sumSpent(this.#questions, this.#sandboxes));
    this.#questions = NOTHING_SPENT;
    this.#sandboxes = NOTHING_SPENT;
    return this.settled;
  }

  /** @throws when a question or a sandbox was refused: whatever came of the stage then rests on the refusal */
  refuseWhatRestsOnRefusals(): void {
    if (this.#isRefused) throw this.#refusal;
  }

  ask<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const asked = async () => {
      this.#pass();
      return work();
    };
    const urgency = () => [this.#held > 0 ? 0 : 1, ...this.urgency(this.#seconds)];
    return this.till.questions.use(asked, urgency, signal).finally(() => this.till.onAnswered());
  }

  charge(cost: CallCost): void {
    const more = spentOnCall(cost);
    this.#questions = sumSpent(this.#questions, more);
    this.till.budget.add(more);
  }

  inSandbox<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const timed = async () => {
      this.#pass();
      const startedAtMs = performance.now();
      this.#held++;
      try {
        return await work();
      } finally {
        this.#held--;
        const seconds = (performance.now() - startedAtMs) / 1000;
        this.#seconds += seconds;
        const more = { sandbox_seconds: seconds, gpu_hours: (seconds * this.till.gpusOfSandbox) / HOUR_S };
        this.#sandboxes = sumSpent(this.#sandboxes, more);
        this.till.budget.add(more);
      }
    };
    return this.till.sandboxes.use(timed, () => this.urgency(this.#seconds), signal);
  }

  /**
   * Gives up a try whose questions are charged again by the next one, which finds their answers kept.
   * @returns what is spent for good
   */
  giveUp(): Spent {
    const charged = Object.entries(this.#questions).map(([what, amount]) => [what, -amount]);
    this.till.budget.add(Object.fromEntries(charged));
    this.#questions = NOTHING_SPENT;
    return this.settle();
  }

  #pass(): void {
    try {
      this.till.refuse();
    } catch (error) {
      this.#isRefused = true;
      this.#refusal = error;
      throw error;
    }
  }
}
