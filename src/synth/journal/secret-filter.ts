import { redactor } from '../../agent/models/redactor.js';

/** Takes secrets out of a JSON value: out of its texts and its field names. */
export type SecretFilter = (value: unknown) => unknown;

/** What keys look like. Long, and with a digit where words could look the same: programs that say `sk-learn` stay as they are. */
const LOOKS = [
  /\bhf_[A-Za-z0-9]{20,}/g,
  /\bsk-(?=[\w-]{0,200}\d)[\w-]{20,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bAKIA[A-Z0-9]{16}\b/g,
];
const BEARER = /\b(bearer\s+)(?=[\w.~+/=-]{0,200}\d)[\w.~+/=-]{16,}/gi;

/**
 * @param secrets that are known: keys, tokens, header values; very short ones are no secrets
 * @returns a filter that puts `[key]` in their place, and in that of everything that looks like a key
 */
export function secretFilter(secrets: readonly (string | undefined)[]): SecretFilter {
  const known = redactor(secrets);
  const text = (value: string) =>
    LOOKS.reduce((cleaned, look) => cleaned.replace(look, '[key]'), known(value).replace(BEARER, '$1[key]'));
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [text(name), clean(field)]));
  };
  return clean;
}
