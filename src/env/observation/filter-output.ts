/** Where Python's `splitlines` breaks, with the empty lines between: megabytes of them are one break. */
const BREAKS = /[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]+/;
const PERCENT = /\p{Nd}%\|/u;

/**
 * A percentage, a bar, another bar, and something in brackets: what tqdm draws. Steps forward only, so long lines cost
 * nothing.
 */
function isProgressBar(line: string): boolean {
  const percent = line.search(PERCENT);
  if (percent < 0) return false;
  const bar = line.indexOf('|', line.indexOf('%|', percent) + 2);
  if (bar < 0) return false;
  const bracket = line.indexOf('[', bar + 1);
  return bracket >= 0 && line.indexOf(']', bracket + 1) >= 0;
}

/**
 * MLGym's filter: lines break where Python's `splitlines` breaks them; empty ones and progress bars go; no newline at
 * the end. A line of spaces stays. Nothing in the output has a meaning beyond its text.
 */
export function filterOutput(text: string): string {
  return text
    .split(BREAKS)
    .filter((line) => line !== '' && !isProgressBar(line))
    .join('\n');
}
