import { withoutThinking } from './without-thinking.js';

/** Beginnings of values that are tried: an answer without end must not take its square. */
const MAX_STARTS = 64;
/** Nothing that is asked for is as long: what runs on and on is not searched to its end from every bracket. */
const MAX_CHARACTERS = 4 * 2 ** 20;
/** Nothing that is asked for is nested as deep; who writes such a value down again, level by level, runs out of stack. */
const MAX_DEPTH = 100;

/**
 * Finds JSON in what a model wrote: alone, between fences, or with prose around it; trailing commas, comments, and line breaks within texts
 * are mended. Never throws.
 * @returns values in the order in which they stand; the whole answer first, where that is one
 */
export function* jsonInText(answer: string): Generator<unknown> {
  const text = withoutThinking(answer).slice(0, MAX_CHARACTERS);
  const whole = parsed(text);
  if (whole) yield whole.value;
  let from = 0;
  for (let starts = 0; starts < MAX_STARTS; starts++) {
    const start = nextBracket(text, from);
    if (start === null) return;
    const end = endOfValue(text, start);
    const value = end === null ? null : parsed(text.slice(start, end));
    if (value) yield value.value;
    from = value && end !== null ? end : start + 1;
  }
}

function nextBracket(text: string, from: number): number | null {
  for (let at = from; at < text.length; at++) if (text[at] === '{' || text[at] === '[') return at;
  return null;
}

/** @returns the place behind the bracket that closes the one at `start`; null when none does */
function endOfValue(text: string, start: number): number | null {
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

function parsed(text: string): { value: unknown } | null {
  const found = asJson(text) ?? asJson(text, mended);
  return found === null || isDeeper(found.value, MAX_DEPTH) ? null : found;
}

function asJson(text: string, mend = (written: string) => written): { value: unknown } | null {
  try {
    return { value: JSON.parse(mend(text)) };
  } catch {
    return null;
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** What has no end reaches to that of the answer, so that each character is looked at once. */
const TOKEN = /"(?:[^"\\]|\\.)*(?:"|$)|\/\/[^\n]*|\/\*.*?(?:\*\/|$)|\s+|[^"\s/,}\]]+|./gs;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Leaves out comments and trailing commas, and escapes control characters in texts. */
function mended(text: string): string {
  const pieces: string[] = [];
  let comma: number | null = null;
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^(?:\s|\/\/|\/\*)/.test(token)) continue;
    if ((token === '}' || token === ']') && comma !== null) pieces[comma] = '';
    comma = token === ',' ? pieces.length : null;
    const isText = token.length > 1 && token.startsWith('"');
    pieces.push(isText ? token.replace(/[\u0000-\u001f]/g, (control) => ESCAPES[control] ?? '') : token);
  }
  return pieces.join('');
}
