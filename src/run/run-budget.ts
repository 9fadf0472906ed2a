import { BudgetReached } from './budget-reached.js';
import { NOTHING_SPENT, type Spent } from './spent.js';
import { sumSpent } from './sum-spent.js';

/** Where the spending of a run ends; null: nowhere. */
export interface BudgetLimits {
  readonly usd: number | null;
  readonly tokens: number | null;
  readonly gpu_hours: number | null;
}

/** What a whole run spends, and where it ends. */
export class RunBudget {
  #spent: Spent = NOTHING_SPENT;

  /** @param before what earlier processes of the run spent */
  constructor(
    readonly limits: BudgetLimits,
    before: readonly Spent[] = [],
  ) {
    for (const spent of before) this.add(spent);
  }

  get spent(): Spent {
    return this.#spent;
  }

  add(more: Partial<Spent>): void {
    this.#spent = sumSpent(this.#spent, more);
  }

  /** @returns the limit that is reached; null: more may be spent */
  get reached(): BudgetReached | null {
    const { usd, tokens, gpu_hours } = this.limits;
    const { input_tokens, output_tokens } = this.#spent;
    const used = input_tokens + output_tokens;
    if (usd !== null && this.#spent.usd >= usd) return new BudgetReached('usd', this.#spent.usd, usd);
    if (tokens !== null && used >= tokens) return new BudgetReached('tokens', used, tokens);
    if (gpu_hours !== null && this.#spent.gpu_hours >= gpu_hours) {
      return new BudgetReached('gpu_hours', this.#spent.gpu_hours, gpu_hours);
    }
    return null;
  }
}
