import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml, writeYaml } from '../../src/yaml/yaml.js';

// The Python that Debian's python3-yaml belongs to, not one that comes earlier on the path.
const PYTHON = '/usr/bin/python3';

/** What PyYAML makes of documents; an entry is null where it refuses one. */
function pyYaml(documents: readonly string[]): ({ value: unknown } | null)[] {
  const script = [
    'import json, sys, yaml',
    'def plain(v):',
    '    if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}',
    '    if isinstance(v, list): return [plain(x) for x in v]',
    '    return str(v) if v in (float("inf"), float("-inf")) else v',
    'def load(text):',
    '    try: return {"value": plain(yaml.safe_load(text))}',
    '    except (yaml.YAMLError, ValueError): return None',
    'print(json.dumps([load(text) for text in json.load(sys.stdin)], default=str))',
  ].join('\n');
  const output = execFileSync(PYTHON, ['-c', script], { input: JSON.stringify(documents), maxBuffer: 1 << 28 });
  return JSON.parse(output.toString());
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }).filter((value) => !/\p{Surrogate}/u.test(value)),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '\t', ':', '-', '#', '{', '"', "'", '\\', '|', '%', '\r', '\u2028', '\u0085'),
  }),
  fc.constantFrom(
    'yes',
    'NO',
    'on',
    'n',
    '~',
    'null',
    '',
    '=',
    '<<',
    '1e3',
    '1:30',
    '0o7',
    '010',
    '2020-01-01',
    '---',
    '...',
    '- a',
    '? b',
    '*x',
    '&x',
    '!x',
    '@x',
    '`x',
    '\ufeffx',
  ),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(1e21, 1e-7, -0, 2 ** 53),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, text, number, fc.boolean(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  map: fc.dictionary(text, tie('any'), { maxKeys: 4, noNullPrototype: true }),
})).map as fc.Arbitrary<Record<string, unknown>>;

/** JSON has no negative zero, and Python's JSON prints numbers in its own way. */
function normal(input: unknown): unknown {
  return JSON.parse(JSON.stringify(input));
}

describe('YAML', () => {
  it('is written so that PyYAML and this reader find the same value [B1, E4]', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 40 }), (values) => {
        const documents = values.map(writeYaml);
        const python = pyYaml(documents);
        for (const [index, document] of documents.entries()) {
          const expected = normal(values[index]);
          const read = readYaml(document);
          expect(read.errors, document).toEqual([]);
          expect(normal(read.value), document).toEqual(expected);
          expect(python[index] && normal(python[index].value), document).toEqual(expected);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('is read as PyYAML reads it [E4]', () => {
    const scalars = [
      ...['y', 'n', 'Y', 'yes', 'No', 'ON', 'off', 'true', 'TRUE', 'tRue', '~', '', 'null', 'Null', 'nUll'],
      ...[
        '0',
        '-0',
        '+5',
        '007',
        '010',
        '08',
        '0o7',
        '0x1F',
        '0b101',
        '1_000',
        '1:30',
        '1:30.5',
        '190:20:30',
        '123456789',
      ],
      ...['1.5', '.5', '1.', '1e3', '1.0e3', '1.0e+3', '-.5', '1_0.5', '.inf', '-.INF', '.nan.', '12e03', '1.e+2'],
      ...[
        '<',
        'a b',
        'a#b',
        'a #b',
        '"q\\u00e9\\x41\\n"',
        "'it''s'",
        '{a: 1, b: [x, yes]}',
        '[]',
        '{}',
        '!!str 5',
        '!!int "7"',
      ],
      ...['|\n  a\n   b\n\n  c', '>\n  a\n  b\n\n  c\n', '|-\n  x\n', '|+\n  x\n\n', '"a\n  b"', 'a\n  b'],
    ];
    const documents = [
      ...scalars.map((scalar) => `key: ${scalar}\n`),
      ...scalars.filter((scalar) => /^[\w.~+-]+$/.test(scalar)).map((scalar) => `- ${scalar}\n- [${scalar}]\n`),
      'base: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3\n',
      'a: &l [1]\nb: *l\n',
      '# only a comment\n',
      '%YAML 1.1\n---\na: yes\n...\n',
      'a: 1\r\nb:\r\n- x\r\n',
      '\ufeffa: 1\n',
    ];
    for (const [index, python] of pyYaml(documents).entries()) {
      const document = documents[index] ?? '';
      const read = readYaml(document);
      expect(read.errors, document).toEqual([]);
      expect(python, document).not.toBeNull();
      const infinite = (_key: string, item: unknown) =>
        item === Number.POSITIVE_INFINITY ? 'inf' : item === Number.NEGATIVE_INFINITY ? '-inf' : item;
      expect(JSON.parse(JSON.stringify(read.value ?? null, infinite)), document).toEqual(python?.value);
    }
  });

  it.each([
    ['a: [1\nb: 2\n', 2],
    ['a: 1\n\tb: 2\n', 2],
    ['a: b: c\n', 1],
    ['a: @x\n', 1],
    ['x: 1\na: =\n', 2],
    ['a: 1\n---\nb: 2\n', 2],
    ['a: *nowhere\n', 1],
    ['x: 1\na: !custom y\n', 2],
    ['x: 1\na: !!python/object/apply:os.system [ls]\n', 2],
    ['x: 1\ny: "\u0007"\n', 2],
    ['a: "open\n', 2],
  ])('refuses %j as PyYAML does, and says where [B1]', (document, line) => {
    expect(pyYaml([document])).toEqual([null]);
    const { errors, value: nothing } = readYaml(document);
    expect(nothing).toBeUndefined();
    expect(errors[0]?.line).toBe(line);
    expect(errors[0]?.problem).toMatch(/\w/);
  });

  it('refuses aliases that unfold without end [B1]', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(readYaml(lines.join('\n')).errors).toHaveLength(1);
  });

  it('never throws, whatever the bytes [B1]', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.array(text).map((parts) => parts.join('\n')),
        ),
        (document) => {
          const read = readYaml(document);
          expect(read.lineOf(['a', 0, 'b'])).toBeGreaterThan(0);
          expect(read.lineInside(['a'], 3)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows the lines of values, also of missing ones', () => {
    const read = readYaml('# c\nid: x\ntext: |-\n  one\n  two\nlist:\n- a\n- b: 1\n  c: 2\n');
    expect(read.lineOf(['id'])).toBe(2);
    expect(read.lineOf(['list', 0])).toBe(7);
    expect(read.lineOf(['list', 1, 'c'])).toBe(9);
    expect(read.lineOf(['list', 1, 'nope'])).toBe(8);
    expect(read.lineOf(['nope'])).toBe(2);
    expect(read.lineInside(['text'], 5)).toBe(5);
  });

  it('knows how a number is spelled, also where it stands by another name', () => {
    const read = readYaml('a: &x 1.0\nb: 1\nc: *x\nd: [2.50]\n');
    expect([['a'], ['b'], ['c'], ['d', 0]].map((path) => read.sourceOf(path))).toEqual(['1.0', '1', '1.0', '2.50']);
    expect(read.sourceOf(['d'])).toBeNull();
    expect(read.sourceOf(['nope'])).toBeNull();
  });

  it('refuses to write half a surrogate pair [B1]', () => {
    expect(() => writeYaml({ a: '\ud800' })).toThrow('Not a Unicode text');
  });

  it('is written as a person would write it', () => {
    const config = {
      id: 'pears',
      description: 'one\n\ntwo: {x}',
      read_only: true,
      scores: [{ 'r 2': -0.5, n: 1e-7 }],
      list: ['no'],
    };
    expect(writeYaml(config)).toBe(
      'id: "pears"\ndescription: |-\n  one\n\n  two: {x}\nread_only: true\nscores:\n  - r 2: -0.5\n    n: 1.0e-7\nlist:\n  - "no"\n',
    );
  });
});
