import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetSettings, PRESETS } from '../../src/rollout/dataset/dataset-settings.js';
import { DROPS } from '../../src/rollout/dataset/manifest.js';
import { compileFilter } from '../../src/rollout/filter/compile-filter.js';
import { datasetFilter } from '../../src/rollout/filter/dataset-filter.js';
import { type Comparison, conjuncts, type Expression, type LabelName } from '../../src/rollout/filter/expression.js';
import { FilterError } from '../../src/rollout/filter/filter-error.js';
import { LABEL_TYPES } from '../../src/rollout/filter/label-types.js';
import { parseFilter } from '../../src/rollout/filter/parse-filter.js';
import { printFilter } from '../../src/rollout/filter/print-filter.js';
import { EVIDENCE, Labels } from '../../src/rollout/labels/labels.js';
import { labelsOf } from './labels-of.js';

function holds(filter: string, given: Partial<Labels> = {}): boolean {
  return compileFilter(parseFilter(filter))(labelsOf(given));
}

function faultOf(filter: string): string {
  try {
    parseFilter(filter);
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
  throw new Error(`${filter} is a filter`);
}

const labelsWith = (type: string) => [...LABEL_TYPES].filter(([, label]) => label.type === type && !label.values);
const label = (type: string) =>
  fc.constantFrom(...labelsWith(type).map(([name]): Expression => ({ kind: 'label', name })));
const number = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value): Expression => ({ kind: 'literal', value: value === 0 ? 0 : value }));
const text = fc
  .oneof(fc.string(), fc.string({ unit: 'binary' }))
  .map((value): Expression => ({ kind: 'literal', value }));
const list = fc
  .oneof(fc.array(fc.string()), fc.array(fc.integer()))
  .map((items): Expression => ({ kind: 'list', items }));

const compare = (operator: Comparison, left: Expression, right: Expression): Expression => ({
  kind: 'compare',
  operator,
  left,
  right,
});
const leaf: fc.Arbitrary<Expression> = fc.oneof(
  label('boolean'),
  fc.boolean().map((value): Expression => ({ kind: 'literal', value })),
  fc
    .tuple(fc.constantFrom('==', '!=', '<', '<=', '>', '>=') as fc.Arbitrary<Comparison>, label('number'), number)
    .map(([operator, left, right]) => compare(operator, left, right)),
  fc
    .tuple(fc.constantFrom('==', '!=') as fc.Arbitrary<Comparison>, label('string'), text)
    .map(([operator, left, right]) => compare(operator, left, right)),
  fc
    .constantFrom<LabelName>('best', 'seed', 'direction')
    .map((name) => compare('==', { kind: 'label', name }, { kind: 'literal', value: null })),
  fc
    .tuple(label('string'), list)
    .map(([left, right]) =>
      compare(
        'in',
        right.kind === 'list' && typeof right.items[0] === 'number' ? { kind: 'label', name: 'steps' } : left,
        right,
      ),
    ),
  fc
    .tuple(label('string'), fc.constantFrom('qwen.*', '^a|b$', '\\d+"', "it's"))
    .map(([left, pattern]): Expression => ({ kind: 'matches', left, pattern })),
);

/** Any filter that is well typed, in the form that the parser gives. */
const filters: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('any').map((of): Expression => ({ kind: 'not', of })),
    fc.tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('any'), { minLength: 2, maxLength: 4 })).map(
      ([kind, parts]): Expression => ({
        kind,
        parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])),
      }),
    ),
    fc.tuple(tie('any'), tie('any')).map(([left, right]) => compare('==', left, right)),
  ),
})).any;

const someLabels: fc.Arbitrary<Labels> = fc
  .record({
    valid: fc.nat({ max: 3 }),
    best: fc.option(fc.double({ noNaN: true })),
    seed: fc.option(fc.nat()),
    complete: fc.boolean(),
    cheating: fc.boolean(),
    model: fc.constantFrom('qwen3', 'gpt-5', ''),
    direction: fc.constantFrom('maximize' as const, 'minimize' as const, null),
  })
  .map(labelsOf);

describe('filters over labels', () => {
  it('ask what people ask [T4]', () => {
    const paper = 'valid >= 1 && tokens <= 48k && !cheating && exit_status == "submitted"';
    expect(holds(paper)).toBe(true);
    expect(holds(paper, { tokens: 49_152 })).toBe(true);
    expect(holds(paper, { tokens: 49_153 })).toBe(false);
    expect(holds(paper, { cheating: true })).toBe(false);
    expect(holds('task in ["lab/plums-v1", "a/b-v1"]')).toBe(true);
    expect(holds("task in ['a/b-v1',]")).toBe(false);
    expect(holds('steps in [11, 12] && !(model in [])')).toBe(true);
    expect(holds('model matches "qwen.*"', { model: 'Qwen/qwen3' })).toBe(true);
    expect(holds('model matches "^qwen"', { model: 'Qwen/qwen3' })).toBe(false);
    expect(holds('"score_forged" in evidence', { evidence: ['score_forged'] })).toBe(true);
    expect(holds('best > baseline && 0.1 < improvement')).toBe(true);
    expect(holds('valid == 0 || complete && improves')).toBe(true);
    expect(holds('(valid == 0 || complete) && !improves')).toBe(false);
    expect(holds('complete == improves\n  && steps != 13')).toBe(true);
    expect(holds('usd < 1e-1 || usd <= .1 && tokens < 20_001 && seed > -1')).toBe(true);
  });

  it('know 48K as 48 × 1024', () => {
    expect(printFilter(parseFilter('tokens <= 48k && steps < 0.5K'))).toBe('tokens <= 49152 && steps < 512');
  });

  it('hold nothing of what is not known, except where null is asked for [T4]', () => {
    for (const sign of ['==', '!=', '<', '<=', '>', '>=']) {
      expect([sign, holds(`best ${sign} 0.5`, { best: null })]).toEqual([sign, false]);
      expect([sign, holds(`best ${sign} baseline`, { best: null, baseline: null })]).toEqual([sign, false]);
    }
    expect(holds('best == null', { best: null })).toBe(true);
    expect(holds('best == null')).toBe(false);
    expect(holds('null != best')).toBe(true);
    expect(holds('direction in ["maximize"] || direction matches "."', { direction: null })).toBe(false);
    expect(holds('!(best == 0.5)', { best: null })).toBe(true);
  });

  it('know every label of the schema, and its type [T4]', () => {
    expect([...LABEL_TYPES.keys()]).toEqual(Object.keys(Labels.shape));
    expect(LABEL_TYPES.get('best')).toEqual({ type: 'number', isNullable: true, values: null });
    expect(LABEL_TYPES.get('valid')).toEqual({ type: 'number', isNullable: false, values: null });
    expect(LABEL_TYPES.get('direction')).toEqual({
      type: 'string',
      isNullable: true,
      values: ['maximize', 'minimize'],
    });
    expect(LABEL_TYPES.get('evidence')).toEqual({ type: 'strings', isNullable: false, values: [...EVIDENCE] });
    expect(LABEL_TYPES.get('cheating')?.type).toBe('boolean');
  });

  it('say what is wrong and where [B1]', () => {
    expect(faultOf('tokens <= 48K && modle == "x"')).toBe(
      'There is no label modle; did you mean model? (character 18 of the filter)\n' +
        '  tokens <= 48K && modle == "x"\n' +
        '                   ^^^^^',
    );
    const faults: [string, string][] = [
      ['', 'A filter is empty'],
      ['valid', 'A filter wants something that holds or not, and valid is a number'],
      ['valid = 1', '= alone means nothing here; did you mean ==?'],
      ['valid >= 1 and complete', 'write && for and'],
      ['not complete', 'Write ! for not'],
      ['valid >= "1"', '>= compares numbers, and this is text'],
      ['valid == "1"', 'These cannot be equal: valid is a number, this is text'],
      ['valid && complete', '&& wants something that holds or not, and valid is a number'],
      ['!valid >= 1', 'write !(...) around a comparison'],
      ['1 < valid < 3', 'What was compared cannot be compared again'],
      ['valid == null', 'valid is never null'],
      ['best < null', 'Nothing is < null'],
      ['null == null', 'this is never null'],
      ['evidence == []', 'A list cannot be compared by =='],
      ['"forged" in evidence', 'evidence is never "forged"; did you mean "score_forged"?'],
      ['direction in ["maximise"]', 'direction is never "maximise"; did you mean "maximize"?'],
      ['task in "a"', 'in wants a list'],
      ['steps in ["a"]', 'steps is a number; it cannot be in a list of texts'],
      ['task in [1, "a"]', 'A list holds either numbers or texts'],
      ['task in [null]', 'Lists hold numbers or texts in quotes'],
      ['task in ["a" "b"]', 'This is not expected here'],
      ['task in ["a"', 'This list is not closed'],
      ['(complete', 'This parenthesis is not closed'],
      ['complete)', 'This is not expected here'],
      ['complete &&', 'The filter ends where something has to follow'],
      ['model == "qwen', 'This text has no end'],
      ['model == "\\q"', '\\q stands for nothing'],
      ['model matches "("', 'This is no regular expression: Unterminated group'],
      ['model matches task', 'matches wants a regular expression in quotes'],
      ['steps matches "1"', 'matches is asked of text, and steps is a number'],
      ['tokens < 48kb', 'This is no number'],
      ['tokens < 1e999', 'This number is too large'],
      ['tokens < 1 ; drop', 'This character means nothing here'],
      ['tokens \u2264 1', 'This character means nothing here'],
      ['__proto__ == 1', 'There is no label __proto__'],
      ['constructor', 'There is no label constructor'],
    ];
    for (const [filter, what] of faults)
      expect([filter, faultOf(filter)]).toEqual([filter, expect.stringContaining(what)]);
  });

  it('show the line of a fault under tabs, in many lines and in long ones [B1]', () => {
    expect(faultOf('valid >= 1 &&\n\tstep < 3')).toMatch(/character 16 .*\n {3}step < 3\n {3}\^\^\^\^$/);
    const [, line = '', carets = ''] = faultOf(
      `${'complete && '.repeat(50)}stepz < 3${' && improves'.repeat(50)}`,
    ).split('\n');
    expect(line.length).toBeLessThan(150);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('stepz');
  });

  it('are bounded in length and depth', () => {
    expect(holds(`${'('.repeat(50)}complete${')'.repeat(50)}`)).toBe(true);
    expect(faultOf(`${'('.repeat(51)}complete${')'.repeat(51)}`)).toContain('50 deep at most');
    expect(faultOf(`${'!'.repeat(5000)}complete`)).toContain('50 deep at most');
    expect(faultOf(`complete${' '.repeat(10_000)}`)).toContain('10000 characters at most');
    expect(faultOf(`model matches "${'a'.repeat(501)}"`)).toContain('500 characters at most');
  });

  it('are written in one form, which reads as the same filter [T4]', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const text = printFilter(filter);
        expect(parseFilter(text)).toEqual(filter);
      }),
      { numRuns: 1000 },
    );
  });

  it('mean the same when they are read again, and when their parts are asked one by one [T4]', () => {
    fc.assert(
      fc.property(filters, someLabels, (filter, labels) => {
        const whole = compileFilter(filter)(labels);
        expect(compileFilter(parseFilter(printFilter(filter)))(labels)).toBe(whole);
        expect(conjuncts(filter).every((part) => compileFilter(part)(labels))).toBe(whole);
      }),
    );
  });

  it('refuse whatever is none with a fault that has a place, and nothing else [B1]', () => {
    const pieces = fc.constantFrom(
      ...['valid', 'best', 'task', 'complete', 'null', '1', '48k', '"a"', "'", '(', ')', '[', ']', ',', '!', '==', '<'],
      ...['&&', '||', 'in', 'matches', '=', '\\', '\n', '"', '#', '\u{1f600}', '-'],
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const filter = parseFilter(text);
          expect(parseFilter(printFilter(filter))).toEqual(filter);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
          const { begin, end } = error as FilterError;
          expect(begin).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(begin);
          expect(end).toBeLessThanOrEqual(Math.max(1, text.length));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the filter of a dataset', () => {
  const filterOf = (given: object) => datasetFilter(DatasetSettings.parse({ sources: ['a'], filter: given }).filter);

  it("is the paper's by default: a valid submission and at most 48K tokens, and rejects before it [T3] [T4]", () => {
    expect(filterOf({}).expression).toBe(
      '!infrastructure && !cheating && control_tokens == 0 && identity == 0 && valid >= 1 && tokens <= 49152',
    );
    expect(filterOf({}).clauses.map(({ drop }) => drop)).toEqual([
      'infrastructure',
      'cheating',
      'control_tokens',
      'identity',
      'preset',
      'too_long',
    ]);
  });

  it('is an expression of the same language under every preset [T4]', () => {
    for (const preset of PRESETS) {
      const { expression, clauses } = filterOf({ preset, where: 'steps < 40 || improves' });
      expect(printFilter(parseFilter(expression))).toBe(expression);
      expect(conjuncts(parseFilter(expression)).map(printFilter)).toEqual(clauses.map(({ text }) => text));
    }
  });

  it('limits the length under other presets when asked to, and can be without any condition [T4]', () => {
    expect(filterOf({ preset: 'none', rejects: [] })).toEqual({ clauses: [], expression: 'true' });
    expect(filterOf({ preset: 'improves', rejects: ['cheating'], max_tokens: 32_768 }).expression).toBe(
      '!cheating && improves && tokens <= 32768',
    );
  });

  it("counts parts of one's own condition one by one [T4]", () => {
    const { clauses } = filterOf({ preset: 'none', rejects: [], where: 'steps < 40 && (valid > 1 && improves)' });
    expect(clauses.map(({ drop, text }) => [drop, text])).toEqual([
      ['where', 'steps < 40'],
      ['where', 'valid > 1'],
      ['where', 'improves'],
    ]);
  });
});

describe('the page about filters', () => {
  it('names every label, preset, evidence and reason [T4]', async () => {
    const page = await readFile('docs/sample-and-train.md', 'utf8');
    const names = [...LABEL_TYPES.keys(), ...PRESETS, ...EVIDENCE, ...DROPS].filter((name) => name !== 'version');
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('shows conditions that can be read [T4]', async () => {
    const page = await readFile('docs/sample-and-train.md', 'utf8');
    const shown = [
      ...[...page.matchAll(/--where '([^']+)'/g)].map(([, filter]) => filter!),
      ...[...page.matchAll(/where: '([^']+)'/g)].map(([, filter]) => filter!),
      ...page.split('\n').filter((line) => / && /.test(line) && /^(task in|\(improvement)/.test(line)),
    ];
    expect(shown.length).toBeGreaterThanOrEqual(4);
    for (const filter of shown) expect(() => parseFilter(filter)).not.toThrow();
  });
});

it('a pattern that takes for ever on a text is told, and ends [T3]', () => {
  const slow = 'task matches "^(x|xx|xxx)*y$"';
  expect(() => holds(slow, { task: 'x'.repeat(500) })).toThrow(/takes too long on "x+"/);
  expect([holds(slow, { task: 'xxy' }), holds(slow, { task: 'y' }), holds(slow, { task: 'z' })]).toEqual([
    true,
    true,
    false,
  ]);
});
