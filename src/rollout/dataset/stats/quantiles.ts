/** How numbers are spread. */
export interface Quantiles {
  min: number;
  p10: number;
  median: number;
  p90: number;
  max: number;
}

/** @returns the numbers at these shares of the sorted ones (the nearest rank at or above); null for none */
export function quantiles(numbers: Iterable<number>): Quantiles | null {
  const sorted = Float64Array.from(numbers).sort();
  if (sorted.length === 0) return null;
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { min: at(0), p10: at(0.1), median: at(0.5), p90: at(0.9), max: at(1) };
}
