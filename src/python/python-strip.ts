const EDGES = /^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g;

/**
 * Removes white space from both ends, as Python's `str.strip` does: some separators count that JavaScript's `trim`
 * leaves.
 */
export function pythonStrip(text: string): string {
  return text.replace(EDGES, '');
}
