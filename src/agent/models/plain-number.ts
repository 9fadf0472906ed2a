/** @returns a number as headers write one, without exponent; null when it is none, or missing */
export function plainNumber(text: string | null): number | null {
  if (text === null || !/^\s*-?\d+(?:\.\d*)?\s*$/.test(text)) return null;
  return Number(text);
}
