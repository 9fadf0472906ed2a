import type { AgentRun } from '../../agent/agent-run.js';
import { BudgetReached } from '../../run/budget-reached.js';
import { RunBudget } from '../../run/run-budget.js';
import type { Spent } from '../../run/spent.js';
import { sumSpent } from '../../run/sum-spent.js';
import type { SamplerOptions } from './sampler-options.js';

const SECONDS_PER_HOUR = 3600;

/** @returns what a try took as far as it came; what failed calls cost is not known */
export function spentOnRun({ stats, steps }: AgentRun, gpus: number, seconds: number): Spent {
  const calls = steps.flatMap((step) => step.calls);
  return {
    usd: stats.task_cost,
    input_tokens: stats.tokens_sent,
    output_tokens: stats.tokens_received,
    calls: stats.api_calls,
    unpriced_calls: calls.filter(({ cost_usd, output_tokens }) => cost_usd === null && output_tokens > 0).length,
    sandbox_seconds: seconds,
    gpu_hours: (gpus * seconds) / SECONDS_PER_HOUR,
  };
}

/** What all processes of a run spent, what is under way included, and where that ends. */
export class Spending {
  readonly #ended: RunBudget;
  readonly #underWay = new Map<string, Spent>();

  /**
   * @param before what ended tries took
   * @param wallSeconds wall-clock of the run so far, asked when it is needed
   */
  constructor(
    private readonly budget: SamplerOptions['budget'],
    before: Spent,
    private readonly wallSeconds: () => number,
  ) {
    this.#ended = new RunBudget(budget, [before]);
  }

  get total(): Spent {
    let sum = this.#ended.spent;
    for (const spent of this.#underWay.values()) sum = sumSpent(sum, spent);
    return sum;
  }

  /** @returns the limit that is reached; null: more may be begun */
  get reached(): BudgetReached | null {
    const { hours } = this.budget;
    const wallHours = this.wallSeconds() / SECONDS_PER_HOUR;
    if (hours !== null && wallHours >= hours) return new BudgetReached('hours', wallHours, hours);
    return new RunBudget(this.budget, [this.total]).reached;
  }

  /** What a try that is under way took so far. @returns it */
  sees(id: string, spent: Spent): Spent {
    this.#underWay.set(id, spent);
    return spent;
  }

  ended(id: string, spent: Partial<Spent>): void {
    this.#underWay.delete(id);
    this.#ended.add(spent);
  }

  /** A try of an earlier process took more than was `known` of it. */
  corrects(known: Spent, spent: Spent): void {
    const names = Object.keys(known) as (keyof Spent)[];
    this.#ended.add(sumSpent(spent, Object.fromEntries(names.map((name) => [name, -known[name]]))));
  }
}
