import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FlowingText } from '../../src/cli/run/flowing-text.js';

function flow(pieces: readonly string[], columns = 24): string[] {
  const text = new FlowingText(columns, '  ');
  return `  ${pieces.map((piece) => text.push(piece)).join('')}${text.end()}`.split('\n');
}

it('breaks prose that comes in pieces between words, and keeps its own lines [E7]', () => {
  expect(flow(['I fi', 'rst look ', 'at the data, th', 'en\n  decide'])).toEqual([
    '  I first look at the',
    '  data, then',
    '    decide',
  ]);
});

it('breaks a word that is wider than the terminal at its edge, wide characters counted twice [E7]', () => {
  expect(flow(['x'.repeat(50)])).toEqual([`  ${'x'.repeat(21)}`, `  ${'x'.repeat(21)}`, `  ${'x'.repeat(8)}`]);
  expect(flow(['考'.repeat(15)])).toEqual([`  ${'考'.repeat(10)}`, `  ${'考'.repeat(5)}`]);
});

it('never fills a line nor begins one left of the indent, and loses nothing but blanks [E7]', () => {
  const prose = fc.array(fc.stringMatching(/^[ab \n]{0,40}$/), { maxLength: 12 });
  fc.assert(
    fc.property(prose, (pieces) => {
      const lines = flow(pieces);
      expect(lines.every((line) => line.startsWith('  ') && line.length < 24)).toBe(true);
      expect(lines.join('').replaceAll(' ', '')).toBe(pieces.join('').replace(/\s/g, ''));
    }),
  );
});
