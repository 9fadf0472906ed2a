import type { DataPlan } from '../../candidate.js';

/** The prediction that knows nothing of the inputs: the most frequent class, the median, or an empty text. */
export function constantPrediction(kind: DataPlan['target_kind'], trained: readonly string[]): string {
  if (kind === 'text') return '';
  if (kind === 'number') {
    const sorted = trained.map(Number).sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    const upper = sorted[middle] ?? 0;
    return String(sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2);
  }
  const counts = new Map<string, number>();
  for (const value of trained) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return most?.[0] ?? '';
}
