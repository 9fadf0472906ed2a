const LITERALS = ['NaN', 'Infinity', '-Infinity'] as const;

/**
 * Parses JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` stand for null, as they do in what this server writes.
 * @throws SyntaxError when it is not JSON otherwise
 */
export function parseTolerantJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = withoutNonFinite(text);
    if (repaired === text) throw error;
    return JSON.parse(repaired);
  }
}

/** Replaces the literals outside strings, in one pass. */
function withoutNonFinite(text: string): string {
  if (!text.includes('NaN') && !text.includes('Infinity')) return text;
  const parts: string[] = [];
  let kept = 0;
  let position = 0;
  while (position < text.length) {
    const character = text[position];
    if (character === '"') {
      position = endOfString(text, position);
      continue;
    }
    const literal =
      character === 'N' || character === 'I' || character === '-'
        ? LITERALS.find((candidate) => text.startsWith(candidate, position))
        : undefined;
    if (literal === undefined) {
      position += 1;
      continue;
    }
    parts.push(text.slice(kept, position), 'null');
    position += literal.length;
    kept = position;
  }
  return kept === 0 ? text : parts.join('') + text.slice(kept);
}

/** @returns the position after the closing quote of the string that opens at `start` */
function endOfString(text: string, start: number): number {
  let position = start + 1;
  while (position < text.length) {
    const character = text[position];
    if (character === '"') return position + 1;
    position += character === '\\' ? 2 : 1;
  }
  return position;
}
