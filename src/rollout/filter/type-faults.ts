import { closest } from '../../yaml/closest.js';
import type { Comparison, Expression } from './expression.js';
import { FilterError } from './filter-error.js';
import type { Typed } from './parse-filter.js';

/** Longer patterns are none that a person wrote. */
const MAX_PATTERN = 500;

const TYPE_WORDS: Readonly<Record<Typed['type'], string>> = {
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  strings: 'a list of texts',
  numbers: 'a list of numbers',
  nothing: 'an empty list',
  null: 'null',
};

/** @param where what asks for it @throws FilterError */
export function refuseUnlessBoolean(text: string, value: Typed, where: string): void {
  if (value.type === 'boolean') return;
  const { expression } = value;
  const hint = where === '!' ? '; write !(...) around a comparison' : '';
  throw fault(
    text,
    value,
    `${where} wants something that holds or not, and ${nameOf(expression)} is ${TYPE_WORDS[value.type]}${hint}`,
  );
}

/** @param at the sign between the two @throws FilterError for values that cannot be compared so */
export function refuseComparison(
  text: string,
  left: Typed,
  operator: Comparison,
  right: Typed,
  at: { begin: number; end: number },
): void {
  if (left.type === 'null' || right.type === 'null') refuseNull(text, left, operator, right, at);
  else if (operator === 'in') refuseMembership(text, left, right);
  else refuseUnequal(text, left, operator, right);
}

/** @returns the pattern @throws FilterError when it is none, or what it is asked of is no text */
export function refusePattern(text: string, left: Typed, right: Typed): string {
  if (left.type !== 'string') {
    throw fault(text, left, `matches is asked of text, and ${nameOf(left.expression)} is ${TYPE_WORDS[left.type]}`);
  }
  const { expression } = right;
  if (expression.kind !== 'literal' || typeof expression.value !== 'string') {
    throw fault(text, right, 'matches wants a regular expression in quotes');
  }
  const pattern = expression.value;
  if (pattern.length > MAX_PATTERN) throw fault(text, right, `A pattern has ${MAX_PATTERN} characters at most`);
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*\/u?: /s, '') : '';
    throw fault(text, right, `This is no regular expression: ${why}`);
  }
  return pattern;
}

function refuseNull(
  text: string,
  left: Typed,
  operator: Comparison,
  right: Typed,
  at: { begin: number; end: number },
): void {
  if (operator !== '==' && operator !== '!=') {
    throw new FilterError(`Nothing is ${operator} null; only == null and != null can be asked`, text, at.begin, at.end);
  }
  const other = left.type === 'null' ? right : left;
  if (other.expression.kind === 'label' && other.isNullable) return;
  throw fault(text, other, `${nameOf(other.expression)} is never null`);
}

function refuseUnequal(text: string, left: Typed, operator: Comparison, right: Typed): void {
  const isOrder = operator !== '==' && operator !== '!=';
  for (const side of [left, right]) {
    if (side.type === 'strings' || side.type === 'numbers' || side.type === 'nothing') {
      throw fault(text, side, `A list cannot be compared by ${operator}; write "..." in ${nameOf(side.expression)}`);
    }
    if (isOrder && side.type !== 'number') {
      throw fault(
        text,
        side,
        `${operator} compares numbers, and ${nameOf(side.expression)} is ${TYPE_WORDS[side.type]}`,
      );
    }
  }
  if (left.type !== right.type) {
    const [a, b] = [left, right].map(({ expression, type }) => `${nameOf(expression)} is ${TYPE_WORDS[type]}`);
    throw new FilterError(`These cannot be equal: ${a}, ${b}`, text, left.begin, right.end);
  }
  refuseUnknownValue(text, left, right);
  refuseUnknownValue(text, right, left);
}

function refuseMembership(text: string, left: Typed, right: Typed): void {
  const isList = right.type === 'strings' || right.type === 'numbers' || right.type === 'nothing';
  if (!isList) throw fault(text, right, `in wants a list, such as ["a", "b"], and this is ${TYPE_WORDS[right.type]}`);
  const item = right.type === 'numbers' ? 'number' : 'string';
  if (left.type !== item && !(right.type === 'nothing' && left.type === 'number')) {
    throw fault(
      text,
      left,
      `${nameOf(left.expression)} is ${TYPE_WORDS[left.type]}; it cannot be in ${TYPE_WORDS[right.type]}`,
    );
  }
  refuseUnknownValue(text, left, right);
  refuseUnknownValue(text, right, left);
}

/** Where a label has few values, another one is a mistake in writing. */
function refuseUnknownValue(text: string, label: Typed, other: Typed): void {
  if (label.expression.kind !== 'label' || label.values === null) return;
  const { expression } = other;
  const written =
    expression.kind === 'list' ? expression.items : expression.kind === 'literal' ? [expression.value] : [];
  const unknown = written.find((value) => typeof value === 'string' && !label.values!.includes(value));
  if (unknown === undefined) return;
  const near = closest(String(unknown), label.values)[0];
  const hint = near ? `did you mean ${JSON.stringify(near)}?` : `it is one of: ${label.values.join(', ')}`;
  throw fault(text, other, `${label.expression.name} is never ${JSON.stringify(unknown)}; ${hint}`);
}

function nameOf(expression: Expression): string {
  return expression.kind === 'label' ? expression.name : 'this';
}

function fault(text: string, { begin, end }: Typed, what: string): FilterError {
  return new FilterError(what, text, begin, end);
}
