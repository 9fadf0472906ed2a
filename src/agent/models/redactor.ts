/** Takes secrets out of texts. */
export type Redactor = (text: string) => string;

const SHORTEST_SECRET = 4;

/**
 * @param secrets keys and header values; very short ones are no secrets
 * @returns a function that puts `[key]` wherever one of them stands
 */
export function redactor(secrets: readonly (string | undefined)[]): Redactor {
  const forms = secrets.flatMap((secret) => (secret === undefined ? [] : [secret, secret.trim(), inAddress(secret)]));
  // Longest first: a secret may hold another.
  const known = [...new Set(forms)]
    .filter((form) => form.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((cleaned, form) => cleaned.replaceAll(form, '[key]'), text);
}

/** As it stands in an address that somebody repeats. */
function inAddress(secret: string): string {
  // By way of bytes, because halves of characters have no such form.
  return encodeURIComponent(Buffer.from(secret.trim()).toString());
}
