import { createHash } from 'node:crypto';

/** @returns a value as JSON has it: without what that cannot say, dates as texts */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** @returns JSON that is the same text for equal values, whatever the order of their fields */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(asJson(value)));
}

/** @returns SHA-256 of the canonical JSON, hexadecimal */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Without a prototype, so that a field named __proto__ is one like others.
  return Object.assign(Object.create(null), Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)])));
}
