/** `DELETE: path`, also as a heading, a list item or bold; the path between backticks. */
const REMOVAL = /^[\s>]*(?:#{1,6}\s+|[-*+]\s+)?[*_`]*DELETE[*_`]*\s*:[*_`"'\s]*([\w][\w./-]*?)[*_`"'.]*\s*$/;

/**
 * Reads which files an answer gives up.
 * @param notes what stands around the files of an answer
 * @returns their paths, as written
 */
export function removedFiles(notes: string): string[] {
  return notes.split('\n').flatMap((line) => REMOVAL.exec(line.slice(0, 400))?.[1] ?? []);
}
