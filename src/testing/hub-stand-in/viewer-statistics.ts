import { type FeatureType, fieldsOf } from './hub-features.js';
import type { HubTable } from './hub-table.js';

const BINS = 10;
/** A text column with at most so many different values, and so small a share of its rows, is a column of labels. */
const MOST_LABELS = 1000;
const MOST_LABEL_SHARE = 0.2;

/** Statistics of the columns of a table, in the viewer's words; columns of other types than numbers, texts, labels and truths are left out. */
export function statistics({ features, rows }: HubTable): object {
  const names = Object.keys(features).sort();
  return {
    num_examples: rows.length,
    statistics: names.flatMap((name) => {
      const found = columnStatistics(
        rows.map((row) => row[name] ?? null),
        features[name] as FeatureType,
      );
      return found ? [{ column_name: name, column_type: found[0], column_statistics: found[1] }] : [];
    }),
    partial: false,
  };
}

function columnStatistics(values: unknown[], type: FeatureType): [string, object] | null {
  if (fieldsOf(type)) return null;
  const present = values.filter((value) => value !== null);
  const missing = values.length - present.length;
  const gaps = { nan_count: missing, nan_proportion: rounded(missing / (values.length || 1)) };
  if (type._type === 'ClassLabel') {
    const names = type.names as string[];
    const counts = countsOf(present.map((value) => names[value as number] ?? String(value)));
    const frequencies = Object.fromEntries(names.map((name) => [name, counts[name] ?? 0]));
    const none = { no_label_count: 0, no_label_proportion: 0 };
    return ['class_label', { ...gaps, ...none, n_unique: names.length, frequencies }];
  }
  const dtype = '_type' in type && type._type === 'Value' ? String(type.dtype) : '';
  if (/^u?int/.test(dtype)) return ['int', { ...gaps, ...numbers(present as number[], true) }];
  if (/^float/.test(dtype)) return ['float', { ...gaps, ...numbers(present as number[], false) }];
  if (dtype === 'bool') {
    return ['bool', { ...gaps, frequencies: countsOf(present.map((value) => (value ? 'True' : 'False'))) }];
  }
  if (dtype !== 'string') return null;
  const frequencies = countsOf(present as string[]);
  const unique = Object.keys(frequencies).length;
  if ((unique / (present.length || 1) <= MOST_LABEL_SHARE && unique <= MOST_LABELS) || unique <= BINS) {
    return ['string_label', { ...gaps, n_unique: unique, frequencies }];
  }
  const lengths = (present as string[]).map((value) => value.length);
  return ['string_text', { ...gaps, ...numbers(lengths, true) }];
}

function numbers(values: readonly number[], areWhole: boolean): object {
  const sorted = values.toSorted((a, b) => a - b);
  const [min = null, max = null] = [sorted[0], sorted.at(-1)];
  if (min === null || max === null) {
    return { min, max, mean: null, median: null, std: null, histogram: null };
  }
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const half = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const width = areWhole ? Math.max(1, Math.ceil((max - min + 1) / BINS)) : (max - min) / BINS || 1;
  const bins = Math.max(1, Math.min(BINS, Math.ceil((max - min + (areWhole ? 1 : 0)) / width)));
  const hist = new Array<number>(bins).fill(0);
  for (const value of sorted) {
    const bin = Math.min(bins - 1, Math.floor((value - min) / width));
    hist[bin] = (hist[bin] ?? 0) + 1;
  }
  const bin_edges = [...hist.map((_, bin) => rounded(min + bin * width)), max];
  const std = Math.sqrt(squares / Math.max(1, sorted.length - 1));
  return { min, max, mean: rounded(mean), median, std: rounded(std), histogram: { hist, bin_edges } };
}

function countsOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function rounded(value: number): number {
  return Number(value.toFixed(5));
}
