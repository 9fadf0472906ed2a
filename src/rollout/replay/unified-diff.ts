/** Lines around a difference. */
const CONTEXT = 1;
/** Beyond so many differing lines the middle is shown as replaced as a whole: the table of the comparison grows with their square. */
const MOST_COMPARED = 1500;

/**
 * @returns the difference of two texts as `diff -u` writes it, without file names, at most `most` lines of it; of more, the first of
 *   either text are shown, and a last line tells how many are left out
 */
export function unifiedDiff(before: string, after: string, most: number): string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const body = compared(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const lead = a.slice(Math.max(0, start - CONTEXT), start).map((line) => ` ${line}`);
  const trail = a.slice(a.length - end, a.length - end + CONTEXT).map((line) => ` ${line}`);
  const lines = [`@@ line ${start + 1} @@`, ...lead, ...body, ...trail];
  return lines.length <= most ? lines : [...clipped(lines, most), `... ${lines.length - most} more lines`];
}

/** Many lines of one text in a row must not hide all of the other. */
function clipped(lines: readonly string[], most: number): string[] {
  const added = lines.findIndex((line) => line.startsWith('+'));
  if (added < most || most < 2) return lines.slice(0, most);
  const half = Math.floor(most / 2);
  return [...lines.slice(0, most - half), ...lines.slice(added, added + half)];
}

function compared(a: readonly string[], b: readonly string[]): string[] {
  if (a.length > MOST_COMPARED || b.length > MOST_COMPARED) {
    return [...a.map((line) => `-${line}`), ...b.map((line) => `+${line}`)];
  }
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const down = longest[(i + 1) * width + j] ?? 0;
      const right = longest[i * width + j + 1] ?? 0;
      longest[i * width + j] = a[i] === b[j] ? (longest[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(down, right);
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const down = longest[(i + 1) * width + j] ?? 0;
    const right = longest[i * width + j + 1] ?? 0;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(` ${a[i++]}`);
      j++;
    } else if (j >= b.length || (i < a.length && down >= right)) lines.push(`-${a[i++]}`);
    else lines.push(`+${b[j++]}`);
  }
  return lines;
}
