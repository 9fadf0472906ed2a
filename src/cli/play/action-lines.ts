/** Commands whose text goes on over lines, and the line that ends it. */
const END_LINES: Record<string, string> = { edit: 'end_of_edit', insert: 'end_of_insert' };
const HERE_DOCUMENT = /<<(-?)\s*(['"]?)([A-Za-z_]\w*)\2/;

/** Joins lines that are typed one by one into whole actions: text of edit and insert, here-documents, lines that end in a backslash. */
export class ActionLines {
  #lines: string[] = [];
  #isEnd: ((line: string) => boolean) | null = null;
  #endLine = '';

  /** Whether an action has begun and is not complete. */
  get isOpen(): boolean {
    return this.#lines.length > 0;
  }

  /** What ends the open action, for the prompt; empty when any line does. */
  get endLine(): string {
    return this.#endLine;
  }

  /** @returns the action that this line completes, or null */
  push(line: string): string | null {
    const isFirst = this.#lines.length === 0;
    this.#lines.push(line);
    if (this.#isEnd !== null) {
      if (!this.#isEnd(line)) return null;
    } else if (this.#expectMore(line, isFirst)) return null;
    const action = this.#lines.join('\n');
    this.clear();
    return action;
  }

  clear(): void {
    this.#lines = [];
    this.#isEnd = null;
    this.#endLine = '';
  }

  #expectMore(line: string, isFirst: boolean): boolean {
    const name = /^\s*(\w+)\b/.exec(line)?.[1] ?? '';
    const here = HERE_DOCUMENT.exec(line);
    if (here) {
      const isIndented = here[1] === '-';
      this.#endLine = here[3] ?? '';
      this.#isEnd = (next) => (isIndented ? next.replace(/^\t+/, '') : next) === this.#endLine;
      return true;
    }
    const end = isFirst ? END_LINES[name] : undefined;
    if (end) {
      this.#endLine = end;
      this.#isEnd = (next) => next.trimEnd() === end;
      return true;
    }
    return /(^|[^\\])(\\\\)*\\$/.test(line);
  }
}
