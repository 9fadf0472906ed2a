import type { Labels } from '../labels/labels.js';

export type LabelName = keyof Labels;

/** What a value may be compared by. `in` and `matches` are of strings, except that numbers may be in lists of numbers. */
export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', 'in'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** A filter as it was read: plain data, with every type checked. Parts of `and` and `or` are never of the same kind themselves. */
export type Expression =
  | { kind: 'literal'; value: number | string | boolean | null }
  | { kind: 'list'; items: (number | string)[] }
  | { kind: 'label'; name: LabelName }
  | { kind: 'not'; of: Expression }
  | { kind: 'and' | 'or'; parts: Expression[] }
  | { kind: 'compare'; operator: Comparison; left: Expression; right: Expression }
  | { kind: 'matches'; left: Expression; pattern: string };

/** @returns the parts that must all hold: a drop is counted under the first that does not */
export function conjuncts(expression: Expression): Expression[] {
  return expression.kind === 'and' ? expression.parts : [expression];
}
