/** Thrown where spending would go on: the run ends, what it has is kept, and it goes on under a higher budget. */
export class BudgetReached extends Error {
  override readonly name = 'BudgetReached';

  constructor(
    readonly what: 'usd' | 'tokens' | 'gpu_hours' | 'hours',
    readonly spent: number,
    readonly limit: number,
  ) {
    super(`The budget of ${limit} ${what} is used up: ${spent}`);
  }
}
