import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../src/rollout/replay/unified-diff.js';

const all = (before: string, after: string) => unifiedDiff(before, after, 100_000);

describe('a difference in lines', () => {
  it('shows what is gone, what is new, and a line around', () => {
    expect(all('a\nb\nc\nd\ne', 'a\nb\nx\nd\nn\ne')).toEqual(['@@ line 3 @@', ' b', '-c', '+x', ' d', '+n', ' e']);
    expect(all('', 'x')).toEqual(['@@ line 1 @@', '-', '+x']);
  });

  it('shows lines of either text when it is clipped, and tells how much is left out', () => {
    const long = Array.from({ length: 30 }, (_, i) => `old ${i}`).join('\n');
    const lines = unifiedDiff(`same\n${long}`, 'same\nnew 0\nnew 1\nnew 2\nnew 3', 6);
    expect(lines).toEqual(['@@ line 2 @@', ' same', '-old 0', '+new 0', '+new 1', '+new 2', '... 30 more lines']);
  });

  it('shows the beginning where both texts are in it, and nothing where nothing is asked for', () => {
    const lines = unifiedDiff('a\nb\nc', 'x\ny\nz', 5);
    expect(lines).toEqual(['@@ line 1 @@', '-a', '-b', '-c', '+x', '... 2 more lines']);
    expect(unifiedDiff('a', 'b', 0)).toEqual(['... 3 more lines']);
  });

  it('takes texts of many lines as replaced', () => {
    const lines = (mark: string) => Array.from({ length: 5000 }, (_, i) => `${mark}${i}`).join('\n');
    expect(all(lines('a'), lines('b'))).toHaveLength(10_001);
  });

  it('holds both texts', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [, ...lines] = all(before, after);
        const side = (mark: string) =>
          lines.flatMap((line) => (' '.concat(mark).includes(line[0] ?? '') ? line.slice(1) : []));
        expect(`\n${before}\n`).toContain(`\n${side('-').join('\n')}\n`);
        expect(`\n${after}\n`).toContain(`\n${side('+').join('\n')}\n`);
      }),
    );
  });
});
