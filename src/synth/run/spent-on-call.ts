import type { Spent } from '../../run/spent.js';
import type { CallCost } from '../teacher/teacher.js';

/** @returns what one answered question took */
export function spentOnCall({ usd, ...tokens }: CallCost): Partial<Spent> {
  return { ...tokens, usd: usd ?? 0, calls: 1, unpriced_calls: usd === null ? 1 : 0 };
}
