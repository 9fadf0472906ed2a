const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** @returns a word that a shell reads as the text, quoted as Python's `shlex.quote` does it */
export function shellQuote(text: string): string {
  if (SAFE.test(text)) return text;
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
