/** A line is heard as far as this: what is printed without a line break must not be kept whole. */
const LONGEST_LINE = 64 * 1024;

/** Cuts text that comes in pieces into lines. @returns what takes the pieces */
export function byLine(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = text.split('\n');
    lines[0] = rest + lines[0];
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) onLine(line.slice(0, LONGEST_LINE));
  };
}
