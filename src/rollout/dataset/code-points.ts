const HIGH_SURROGATE = /[\ud800-\udbff]/;

/**
 * Offsets in code points, as Python counts.
 * @param offsets in UTF-16 units of a text without halves of surrogate pairs, each at least the one before it
 */
export function codePointOffsets(text: string, offsets: readonly number[]): number[] {
  if (!HIGH_SURROGATE.test(text)) return [...offsets];
  let pairs = 0;
  let at = 0;
  return offsets.map((offset) => {
    for (; at < offset; at++) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) pairs++;
    return offset - pairs;
  });
}
