import { binNames } from '../../rollout/dataset/card/bin-names.js';
import type { DatasetBin } from '../../rollout/dataset/manifest.js';
import type { Output } from '../output.js';

/** Widest bar. */
const MAX_BAR = 60;

/** Columns beside the bar: the name of the row and its number. */
const BESIDE = 22;

const KEPT = '█';
const DROPPED = '░';

/**
 * Prints a distribution as bars, kept ones before dropped ones; empty rows at both ends are left out.
 * @param write how edges are written
 */
export function printHistogram(
  title: string,
  bins: readonly DatasetBin[],
  write: (edge: number) => string,
  output: Output,
): void {
  const sums = bins.map(({ kept, dropped }) => kept + dropped);
  const first = sums.findIndex((sum) => sum > 0);
  if (first === -1) return;
  const last = sums.findLastIndex((sum) => sum > 0);
  const names = binNames(bins, write);
  const most = Math.max(...sums);
  const width = Math.max(10, Math.min(MAX_BAR, output.columns - BESIDE));
  output.heading(`${title}  ${KEPT} kept  ${DROPPED} dropped`);
  for (const [at, { kept }] of bins.entries()) {
    if (at < first || at > last) continue;
    const length = Math.ceil((sums[at]! / most) * width);
    // What is kept is seen, and so is what is dropped, however few they are.
    const share = sums[at] === 0 ? 0 : kept / sums[at]!;
    const filled = share === 1 ? length : Math.min(Math.max(0, length - 1), Math.ceil(share * length));
    const bar = output.style('good', KEPT.repeat(filled)) + output.style('faint', DROPPED.repeat(length - filled));
    output.line(`  ${names[at]!.padStart(6)}  ${String(sums[at]).padStart(7)}  ${bar}`.trimEnd());
  }
}
