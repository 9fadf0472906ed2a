/** What stands between `<tag=name>` and `</tag>`. */
export interface Tagged {
  name: string;
  body: string;
  start: number;
  /** Behind the closing tag. */
  end: number;
}

/**
 * Finds the first `<tag=name>...</tag>` at or behind a place, by looking forward only.
 * @param lead what must stand between the opening tag and the body
 */
export function findTagged(text: string, tag: string, from: number, lead: string): Tagged | null {
  const opening = `<${tag}=`;
  const closing = `</${tag}>`;
  for (let at = from; ; ) {
    const start = text.indexOf(opening, at);
    if (start < 0) return null;
    const nameEnd = text.indexOf('>', start + opening.length);
    if (nameEnd < 0) return null;
    const name = text.slice(start + opening.length, nameEnd);
    const body = nameEnd + 1 + lead.length;
    // Every opening tag up to here ends at the same place: none of them is followed by what must stand there.
    at = nameEnd + 1;
    if (name === '' || !text.startsWith(lead, nameEnd + 1)) continue;
    const end = text.indexOf(closing, body);
    if (end < 0) return null;
    return { name, body: text.slice(body, end), start, end: end + closing.length };
  }
}
