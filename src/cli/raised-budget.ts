import type { BudgetReached } from '../run/budget-reached.js';

/** @returns the flag with which a run goes on whose budget is used up */
export function raisedBudget({ what }: Pick<BudgetReached, 'what'>): string {
  const flags = { usd: '--max-usd', tokens: '--max-tokens', gpu_hours: '--max-gpu-hours', hours: '--max-hours' };
  return `${flags[what]} <more>`;
}
