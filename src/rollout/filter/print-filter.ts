import type { Expression } from './expression.js';

/** What binds tighter has a higher number; a part that binds less than its place asks for stands in parentheses. */
const TIGHTNESS = { or: 1, and: 2, compare: 3, matches: 3, not: 4, list: 5, label: 5, literal: 5 } as const;

/** @returns a filter in its one form: `parseFilter` makes the same expression of it */
export function printFilter(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return JSON.stringify(expression.value);
    case 'list':
      return `[${expression.items.map((item) => JSON.stringify(item)).join(', ')}]`;
    case 'label':
      return expression.name;
    case 'not':
      return `!${inside(expression.of, TIGHTNESS.not)}`;
    case 'and':
      return expression.parts.map((part) => inside(part, TIGHTNESS.and)).join(' && ');
    case 'or':
      return expression.parts.map((part) => inside(part, TIGHTNESS.or)).join(' || ');
    case 'compare': {
      const { left, operator, right } = expression;
      return `${inside(left, TIGHTNESS.not)} ${operator} ${inside(right, TIGHTNESS.not)}`;
    }
    case 'matches':
      return `${inside(expression.left, TIGHTNESS.not)} matches ${JSON.stringify(expression.pattern)}`;
  }
}

/** @param least how tightly the part has to bind at its place */
function inside(part: Expression, least: number): string {
  const text = printFilter(part);
  return TIGHTNESS[part.kind] < least ? `(${text})` : text;
}
