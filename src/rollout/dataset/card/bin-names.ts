import type { DatasetBin } from '../manifest.js';

/** How the edges of columns are written. */
export const EDGE_WORDS = {
  tokens: (edge: number) => (edge === 0 ? '0' : `${edge / 1024}K`),
  steps: (edge: number) => String(edge),
  improvement: (edge: number) => String(Math.round(edge * 100)),
} as const;

/** @returns short names of columns: each holds what is below its own number and not below the one before */
export function binNames(bins: readonly DatasetBin[], write: (edge: number) => string): string[] {
  return bins.map(({ from, below }) => {
    if (below === null) return `≥${write(from!)}`;
    return from === below ? `=${write(below)}` : `<${write(below)}`;
  });
}
