import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeMetrics } from '../../src/env/evaluation/judge-metrics.js';
import { parseMetrics, parseMlgymMetrics } from '../../src/env/evaluation/parse-metrics.js';
import type { Entrypoint } from '../../src/env/task.js';
import { parsePythonJson } from '../../src/python/python-json.js';
import { floatRepr, floatsRepr, pythonRepr } from '../../src/python/python-repr.js';

const metric = { name: 'r2', direction: 'maximize', bounds: null, tolerance: 0 } as const;

describe('parseMetrics [B5]', () => {
  it.each<[string, unknown]>([
    ['{"r2": 0.5}', { r2: 0.5 }],
    ['loading\n{"r2": 0.5}\n\n', { r2: 0.5 }],
    ['{"r2": 9}\n{"r2": 0.5}', { r2: 0.5 }],
    ['{"r2": 0.5}\ndone', { r2: 0.5 }],
    ['{\n  "r2": 0.5\n}\n', { r2: 0.5 }],
    ['{"r2": NaN, "x": -Infinity}', { r2: null, x: null }],
    ['{"a": {"b": [1, true, null, "c"]}}', { a: { b: [1, true, null, 'c'] } }],
    ['{"__proto__": 1}', JSON.parse('{"__proto__": 1}')],
  ])('finds the metrics in %j', (stdout, metrics) => expect(parseMetrics(stdout)?.metrics).toEqual(metrics));

  it.each([
    '',
    'r2 = 0.5',
    '[1]',
    '0.5',
    '"{}"',
    "{'r2': 0.5}",
    '{"r2": 0.5,}',
    '{"r2": .5}',
    '{"r2": 01}',
    '{r2: 1}',
    '{"a"}',
    '{',
  ])('finds none in %j', (stdout) => expect(parseMetrics(stdout)).toBeNull());

  it('survives JSON that is nested without end [B1]', () => {
    expect(parseMetrics(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)).toBeNull();
    expect(parseMetrics('{"a":'.repeat(50_000))).toBeNull();
  });

  it('reads as Python reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify({ value });
        expect(parseMetrics(text)?.metrics).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('parseMlgymMetrics [E4]', () => {
  const find = (entrypoint: Entrypoint, stdout: string, stderr = '') =>
    parseMlgymMetrics(entrypoint, stdout, stderr)?.metrics ?? null;

  it.each(['CSVSubmissionTasks', 'PythonSubmissionTasks'] as const)('takes all of the output for %s', (kind) => {
    expect(find(kind, '{"r2": 0.5}')).toEqual({ r2: 0.5 });
    expect(find(kind, '{\n"r2": 0.5\n}')).toEqual({ r2: 0.5 });
    expect(find(kind, 'loading\n{"r2": 0.5}')).toBeNull();
    expect(find(kind, '{"r2": 0.5}\ndone')).toBeNull();
    expect(find(kind, '{"r2": 0.5}', 'a warning')).toBeNull();
    expect(find(kind, '', '{"r2": 0.5}')).toBeNull();
  });

  it.each(['ModelSubmissionTasks', 'LMSubmissionTasks'] as const)(
    'takes the first line of an object for %s',
    (kind) => {
      expect(find(kind, 'loading\n  {"r2": 0.5}\n{"r2": 9}', 'a warning')).toEqual({ r2: 0.5 });
      expect(find(kind, "{'not': 'json'}\n{\"r2\": 9}")).toBeNull();
      expect(find(kind, 'nothing')).toBeNull();
      expect(find(kind, '', '{"r2": 0.5}')).toBeNull();
    },
  );
});

describe('judgeMetrics [B5]', () => {
  const judge = (stdout: string, bounds: [number, number] | null = null) => {
    const printed = parseMetrics(stdout);
    return printed && judgeMetrics(printed, { ...metric, bounds });
  };

  it('takes a finite metric within its bounds', () => {
    expect(judge('{"r2": -0.5}')).toEqual({ score: -0.5 });
    expect(judge('{"r2": 1}', [0, 1])).toEqual({ score: 1 });
    expect(judge('{"r2": 1.0000000000000002}', [0, 1])).toEqual({ score: 1.0000000000000002 });
  });

  it.each([
    ['{"rmse": 1}', null, 'printed no metric "r2"'],
    ['{"r2": "1"}', null, 'not a number'],
    ['{"r2": true}', null, 'not a number'],
    ['{"r2": null}', null, 'not a number'],
    ['{"r2": {"value": 1, "kind": "int"}}', null, 'not a number'],
    ['{"r2": NaN}', null, 'not finite'],
    ['{"r2": Infinity}', null, 'not finite'],
    ['{"r2": 1e999}', null, 'not finite'],
    ['{"r2": 1.1}', [0, 1] as [number, number], 'outside of its bounds'],
    ['{"r2": -1e308}', [0, 1] as [number, number], 'outside of its bounds'],
  ])('refuses %s', (stdout, bounds, fault) => {
    expect(judge(stdout, bounds)).toMatchObject({ fault: expect.stringContaining(fault) });
  });
});

describe('pythonRepr [E4]', () => {
  const asPython = (texts: readonly string[], expression: string): string[] => {
    const program = `import json,sys\nprint(json.dumps([${expression} for text in json.load(sys.stdin)]))`;
    return JSON.parse(execFileSync('python3', ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' }));
  };

  it('writes floats as Python does', () => {
    const doubles = fc.sample(fc.double({ noNaN: true }), { numRuns: 1500, seed: 11 });
    const edges = [
      0, -0, 1, 1e15, 1e16, 123456789012345680, 0.0001, 0.00001, 1e-5, 5e-324, 1.7976931348623157e308, 24000, 0.1, 1e22,
    ];
    const values = [...doubles.filter(Number.isFinite), ...edges, ...edges.map((value) => -value)];
    const texts = values.map((value) => (Object.is(value, -0) ? '-0.0' : String(value)));
    expect(values.map(floatRepr)).toEqual(asPython(texts, 'repr(float(text))'));
  });

  it('writes what JSON can hold as Python does', () => {
    const texts = [
      '{"a": 1, "b": 1.0, "c": 1e3, "d": -0, "e": 123456789012345678901234567890, "f": [true, false, null]}',
      '{"NaN": [NaN, Infinity, -Infinity, 1e400], "it\'s": "say \\"hi\\"", "q": "\'\\"", "n": "\\n\\t\\r\\u0000\\u007f\\u00a0\\u00ad"}',
      '{"u": "h\\u00e9\\u2028\\ud83d\\ude00\\ue000\\ufeff", "u2": "\\u3000 x"}',
      '{}',
      '{"dup": 1, "x": 2, "dup": 3}',
    ];
    const ours = texts.map((text) => pythonRepr(parsePythonJson(text) ?? null));
    expect(ours).toEqual(asPython(texts, 'repr(json.loads(text))'));
    const random = fc.sample(fc.json({ maxDepth: 3 }), { numRuns: 500, seed: 13 });
    expect(random.map((text) => pythonRepr(parsePythonJson(text) ?? null))).toEqual(
      asPython(random, 'repr(json.loads(text))'),
    );
  });

  it('writes baseline scores as floats', () => {
    expect(floatsRepr({ Time: 16.158, Correct: 24000, 'BLEU Score': 0 })).toBe(
      "{'Time': 16.158, 'Correct': 24000.0, 'BLEU Score': 0.0}",
    );
  });
});
