import type { DatasetBin } from '../manifest.js';

const K = 1024;
const steps = (count: number, width: number) => Array.from({ length: count + 1 }, (_, at) => at * width);

/** Where columns begin and end. Chats: by 4K up to 64K. A value that stands twice has a column of its own: exactly at the baseline. */
export const EDGES = {
  tokens: [...steps(16, 4 * K), null],
  steps: [...steps(10, 5), null],
  improvement: [null, -1, -0.5, -0.2, -0.1, -0.05, 0, 0, 0.05, 0.1, 0.2, 0.5, 1, null],
} as const satisfies Record<string, readonly (number | null)[]>;

/** Counts values in columns, kept ones apart from dropped ones. */
export class Histogram {
  readonly bins: DatasetBin[];

  constructor(edges: readonly (number | null)[]) {
    this.bins = edges.slice(1).map((below, at) => ({ from: edges[at]!, below, kept: 0, dropped: 0 }));
  }

  add(value: number, isKept: boolean): void {
    const bin = this.bins.find(
      ({ from, below }) =>
        (from === below && value === from) || ((from === null || value >= from) && (below === null || value < below)),
    );
    if (bin === undefined) throw new Error(`No column holds ${value}`);
    bin[isKept ? 'kept' : 'dropped'] += 1;
  }
}
