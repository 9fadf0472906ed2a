import type { Labels } from '../labels/labels.js';
import type { Comparison, Expression } from './expression.js';
import { patientMatcher } from './patient-matcher.js';

type Value = Labels[keyof Labels] | readonly (number | string)[];
type Reader = (labels: Labels) => Value;

/**
 * @param expression as `parseFilter` made it
 * @returns whether a trajectory is what the filter asks for. A comparison with something that is null does not hold, whatever it compares
 *   by, `!=` included; `x == null` and `x != null` ask for it. It throws a RunError at a pattern that takes too long on a text
 */
export function compileFilter(expression: Expression): (labels: Labels) => boolean {
  const read = reader(expression);
  return (labels) => read(labels) === true;
}

function reader(expression: Expression): Reader {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'list':
      return () => expression.items;
    case 'label':
      return (labels) => labels[expression.name];
    case 'not': {
      const of = reader(expression.of);
      return (labels) => of(labels) !== true;
    }
    case 'and': {
      const parts = expression.parts.map(reader);
      return (labels) => parts.every((part) => part(labels) === true);
    }
    case 'or': {
      const parts = expression.parts.map(reader);
      return (labels) => parts.some((part) => part(labels) === true);
    }
    case 'matches': {
      const left = reader(expression.left);
      const matches = patientMatcher(expression.pattern);
      return (labels) => {
        const value = left(labels);
        return typeof value === 'string' && matches(value);
      };
    }
    case 'compare':
      return comparison(expression);
  }
}

function comparison({ operator, left, right }: Extract<Expression, { kind: 'compare' }>): Reader {
  const [a, b] = [reader(left), reader(right)];
  if (isNull(left) || isNull(right)) {
    const wanted = operator === '==';
    return (labels) => (a(labels) === b(labels)) === wanted;
  }
  return (labels) => {
    const [first, second] = [a(labels), b(labels)];
    return first !== null && second !== null && holds(operator, first, second);
  };
}

function isNull(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === null;
}

function holds(operator: Comparison, a: NonNullable<Value>, b: NonNullable<Value>): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case 'in':
      return (b as readonly unknown[]).includes(a);
  }
}
