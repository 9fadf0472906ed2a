import { closest } from '../../yaml/closest.js';
import { COMPARISONS, type Comparison, type Expression, type LabelName } from './expression.js';
import { FilterError } from './filter-error.js';
import { readTokens, type Token } from './filter-tokens.js';
import { LABEL_TYPES, type LabelType } from './label-types.js';
import { refuseComparison, refusePattern, refuseUnlessBoolean } from './type-faults.js';

/** Parentheses and negations within each other. */
const MAX_DEPTH = 50;

/** More is no filter that a person wrote. */
const MAX_LENGTH = 10_000;

/** A part of the expression that was read: what it is, its type, and where it stands. */
export interface Typed {
  expression: Expression;
  type: LabelType['type'] | 'null' | 'numbers' | 'nothing';
  isNullable: boolean;
  /** What a label may say; null: any text, or no text. */
  values: readonly string[] | null;
  begin: number;
  end: number;
}

/** Words of other languages. */
const HABITS: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!', AND: '&&', OR: '||', NOT: '!' };
const WORDS: Readonly<Record<string, { value: boolean | null; type: Typed['type'] }>> = {
  true: { value: true, type: 'boolean' },
  false: { value: false, type: 'boolean' },
  null: { value: null, type: 'null' },
};

/**
 * Reads a filter over labels:
 *
 *     any  := all ('||' all)*
 *     all  := test ('&&' test)*
 *     test := value (('==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'matches') value)?
 *     value := '!' value | '(' any ')' | label | number | text | true | false | null | '[' (number | text), ... ']'
 *
 * Numbers may end in K for 1024. Text stands in double or single quotes. `matches` takes a regular expression, found anywhere in the label.
 * @returns the expression, every type checked against the schema of labels
 * @throws FilterError for what is no filter, with the place
 */
export function parseFilter(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new FilterError(`A filter has ${MAX_LENGTH} characters at most`, text, 0, 1);
  return new Parser(text).parse();
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(readonly text: string) {
    this.#tokens = readTokens(text);
  }

  parse(): Expression {
    const whole = this.#any();
    const rest = this.#next;
    if (rest.kind !== 'end') throw this.#unexpected(rest);
    refuseUnlessBoolean(this.text, whole, 'A filter');
    return whole.expression;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #isSign(sign: string): boolean {
    return this.#next.kind === 'sign' && this.#next.value === sign;
  }

  #take(): Token {
    return this.#tokens[this.#at++]!;
  }

  #any(): Typed {
    return this.#joined('or', '||', () => this.#joined('and', '&&', () => this.#test()));
  }

  #joined(kind: 'and' | 'or', sign: '&&' | '||', read: () => Typed): Typed {
    const first = read();
    if (!this.#isSign(sign)) return first;
    const parts = [first];
    while (this.#isSign(sign)) {
      this.#take();
      parts.push(read());
    }
    for (const part of parts) refuseUnlessBoolean(this.text, part, sign);
    const flat = parts.flatMap(({ expression }) => (expression.kind === kind ? expression.parts : [expression]));
    return truth({ kind, parts: flat }, first.begin, parts.at(-1)!.end);
  }

  #test(): Typed {
    const left = this.#value();
    const sign = this.#operator();
    if (sign === null) return left;
    const { begin, end } = this.#take();
    const right = this.#value();
    const test = this.#compared(left, sign, right, { begin, end });
    if (this.#operator() !== null) {
      const { begin, end } = this.#next;
      throw new FilterError(
        'What was compared cannot be compared again; join two comparisons by &&',
        this.text,
        begin,
        end,
      );
    }
    return test;
  }

  #operator(): Comparison | 'matches' | null {
    const { kind, value } = this.#next;
    if (kind !== 'sign' && kind !== 'word') return null;
    if (value === 'matches') return value;
    return COMPARISONS.find((comparison) => comparison === value) ?? null;
  }

  #compared(left: Typed, operator: Comparison | 'matches', right: Typed, at: { begin: number; end: number }): Typed {
    if (operator === 'matches') {
      const pattern = refusePattern(this.text, left, right);
      return truth({ kind: 'matches', left: left.expression, pattern }, left.begin, right.end);
    }
    refuseComparison(this.text, left, operator, right, at);
    const compared: Expression = { kind: 'compare', operator, left: left.expression, right: right.expression };
    return truth(compared, left.begin, right.end);
  }

  #value(): Typed {
    const token = this.#take();
    const { begin, end } = token;
    if (token.kind === 'number' || token.kind === 'string') {
      return { ...plain, expression: { kind: 'literal', value: token.value }, type: token.kind, begin, end };
    }
    if (token.kind === 'word') return this.#word(token.value, begin, end);
    if (token.value === '[') return this.#list(begin);
    if (token.value !== '!' && token.value !== '(') throw this.#unexpected(token);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new FilterError(`Parentheses and negations go ${MAX_DEPTH} deep at most`, this.text, begin, end);
    }
    const read = token.value === '!' ? this.#negated(begin) : this.#parenthesised(begin);
    this.#depth -= 1;
    return read;
  }

  #negated(begin: number): Typed {
    const of = this.#value();
    refuseUnlessBoolean(this.text, of, '!');
    return truth({ kind: 'not', of: of.expression }, begin, of.end);
  }

  #parenthesised(begin: number): Typed {
    const inner = this.#any();
    const token = this.#take();
    if (token.kind === 'sign' && token.value === ')') return { ...inner, begin, end: token.end };
    if (token.kind === 'end') throw new FilterError('This parenthesis is not closed', this.text, begin, begin + 1);
    throw this.#unexpected(token);
  }

  #word(name: string, begin: number, end: number): Typed {
    if (Object.hasOwn(WORDS, name)) {
      const { value, type } = WORDS[name]!;
      return { ...plain, expression: { kind: 'literal', value }, type, begin, end };
    }
    const label = LABEL_TYPES.get(name as LabelName);
    if (label) return { ...label, expression: { kind: 'label', name: name as LabelName }, begin, end };
    if (Object.hasOwn(HABITS, name)) throw new FilterError(`Write ${HABITS[name]} for ${name}`, this.text, begin, end);
    const near = closest(name, LABEL_TYPES.keys())[0];
    const hint = near ? `did you mean ${near}?` : `there are: ${[...LABEL_TYPES.keys()].join(', ')}`;
    throw new FilterError(`There is no label ${name}; ${hint}`, this.text, begin, end);
  }

  #list(begin: number): Typed {
    const items: (number | string)[] = [];
    while (!this.#isSign(']')) {
      const token = this.#take();
      if (token.kind === 'end') throw new FilterError('This list is not closed', this.text, begin, begin + 1);
      if (token.kind !== 'number' && token.kind !== 'string') {
        throw new FilterError('Lists hold numbers or texts in quotes', this.text, token.begin, token.end);
      }
      if (items.length > 0 && typeof items[0] !== token.kind) {
        throw new FilterError('A list holds either numbers or texts', this.text, token.begin, token.end);
      }
      items.push(token.value);
      if (!this.#isSign(',')) break;
      this.#take();
    }
    const close = this.#take();
    if (close.kind === 'end') throw new FilterError('This list is not closed', this.text, begin, begin + 1);
    if (close.value !== ']' || close.kind !== 'sign') throw this.#unexpected(close);
    const type = items.length === 0 ? 'nothing' : typeof items[0] === 'number' ? 'numbers' : 'strings';
    return { ...plain, expression: { kind: 'list', items }, type, begin, end: close.end };
  }

  #unexpected({ kind, value, begin, end }: Token): FilterError {
    if (kind === 'end') {
      const what = this.text.trim() === '' ? 'A filter is empty' : 'The filter ends where something has to follow';
      return new FilterError(what, this.text, begin, end);
    }
    const meant = kind === 'word' ? HABITS[value] : undefined;
    const hint = meant ? `write ${meant} for ${value}` : 'join conditions by && or ||';
    return new FilterError(`This is not expected here; ${hint}`, this.text, begin, end);
  }
}

const plain = { isNullable: false, values: null } as const;

function truth(expression: Expression, begin: number, end: number): Typed {
  return { ...plain, expression, type: 'boolean', begin, end };
}
