const SHOWN_CHARACTERS = 60;

/** @returns where two JSON values differ first and how, for people; null when they are equal */
export function firstDifference(kept: unknown, asked: unknown, at = ''): string | null {
  if (typeof kept === 'string' && typeof asked === 'string') return textDifference(kept, asked, at);
  if (isRecord(kept) && isRecord(asked) && Array.isArray(kept) === Array.isArray(asked)) {
    const names = Array.isArray(kept)
      ? [...Array(Math.max(kept.length, (asked as unknown as unknown[]).length)).keys()].map(String)
      : [...new Set([...Object.keys(kept), ...Object.keys(asked)])].sort();
    for (const name of names) {
      const place = at === '' ? name : `${at}.${name}`;
      if (!Object.hasOwn(asked, name)) return `${place} is not asked any more`;
      if (!Object.hasOwn(kept, name)) return `${place} was not asked then`;
      const difference = firstDifference(kept[name], asked[name], place);
      if (difference !== null) return difference;
    }
    return null;
  }
  if (Object.is(kept, asked)) return null;
  return `${at === '' ? 'the question' : at} was ${shown(kept)} and is ${shown(asked)}`;
}

function textDifference(kept: string, asked: string, at: string): string | null {
  if (kept === asked) return null;
  let same = 0;
  while (same < kept.length && kept[same] === asked[same]) same++;
  const from = Math.max(0, same - 10);
  const part = (text: string) => shown(text.slice(from, from + SHOWN_CHARACTERS));
  return `${at === '' ? 'the question' : at} differs from character ${same} on: it was ${part(kept)} and is ${part(asked)}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_CHARACTERS * 2 ? `${text.slice(0, SHOWN_CHARACTERS * 2)}...` : text;
}
