import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTolerantJson } from '../../src/server/openenv/tolerant-json.js';

describe('tolerant JSON', () => {
  it('reads what JSON.parse reads, alike', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseTolerantJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('reads what Python writes for numbers that JSON does not have, as null', () => {
    const value = fc.jsonValue();
    const literal = fc.constantFrom('NaN', 'Infinity', '-Infinity');
    fc.assert(
      fc.property(value, fc.string(), literal, (other, text, number) => {
        const json = `{"a": ${number}, "b": [${number},${JSON.stringify(other)}, ${JSON.stringify(`${number}"\\${text}`)}]}`;
        expect(parseTolerantJson(json)).toEqual({
          a: null,
          b: [null, JSON.parse(JSON.stringify(other)), `${number}"\\${text}`],
        });
      }),
    );
  });

  it('throws for what is not JSON, literals in odd places included', () => {
    for (const text of [
      '',
      'nan',
      '{NaN:1}',
      '[NaNNaN]',
      '"NaN',
      '{"a":Infinit}',
      '[--Infinity]',
      '+Infinity',
      '[1 NaN]',
    ]) {
      expect(() => parseTolerantJson(text)).toThrow(SyntaxError);
    }
  });

  it('takes time in proportion to the length', () => {
    const text = `[${'"\\\\NaN\\"",-Infinity,'.repeat(200_000)}NaN]`;
    expect((parseTolerantJson(text) as unknown[]).length).toBe(400_001);
  });
});
