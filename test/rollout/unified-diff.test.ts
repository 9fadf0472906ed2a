import { expect, it } from 'vitest';
import { unifiedDiff } from '../../src/rollout/replay/unified-diff.js';

const LONG = Array.from({ length: 30 }, (_, i) => `old ${i}`).join('\n');

it('shows lines of either text when a difference is clipped', () => {
  const lines = unifiedDiff(`same\n${LONG}`, 'same\nnew 0\nnew 1\nnew 2\nnew 3', 6);
  expect(lines).toEqual(['@@ line 2 @@', ' same', '-old 0', '+new 0', '+new 1', '+new 2', '... 30 more lines']);
});

it('shows the beginning where both texts are in it, and nothing where nothing is asked for', () => {
  const lines = unifiedDiff('a\nb\nc', 'x\ny\nz', 5);
  expect(lines).toEqual(['@@ line 1 @@', '-a', '-b', '-c', '+x', '... 2 more lines']);
  expect(unifiedDiff('a', 'b', 0)).toEqual(['... 3 more lines']);
});
