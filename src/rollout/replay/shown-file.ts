/** A file as an observation shows it whole. */
export interface ShownFile {
  /** Absolute. */
  file: string;
  contents: string;
}

const HEADER = /^\[File: (?<file>.*) \((?<lines>\d+) lines total\)\]$/;

/**
 * Reads a file out of a window that shows all of it. Whether its last line ended with a newline cannot be seen: it is given one.
 * @returns null when there is no such window, or more than one, as for an edit that was refused
 */
export function shownFile(observation: string): ShownFile | null {
  const lines = observation.split('\n');
  const headers = lines.flatMap((line, index) => (HEADER.test(line) ? index : []));
  const [at] = headers;
  if (at === undefined || headers.length > 1) return null;
  const { file = '', lines: total = '0' } = HEADER.exec(lines[at] ?? '')?.groups ?? {};
  const texts: string[] = [];
  for (let number = 1; number <= Number(total); number++) {
    const line = lines[at + number];
    if (line === undefined || !line.startsWith(`${number}:`)) return null;
    texts.push(line.slice(`${number}:`.length));
  }
  return { file, contents: texts.map((text) => `${text}\n`).join('') };
}
