const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NARROWEST = 20;

/** Prose that comes in pieces, broken between words: a terminal would break it within them, and begin lines left of the indent. */
export class FlowingText {
  readonly #most: number;
  /** Columns that are taken of the line under way, without the indent. */
  #column = 0;
  /** What may go on with the next piece, and the blanks before it. */
  #blanks = '';
  #word = '';
  #wordColumns = 0;

  /** @param columns of the terminal */
  constructor(
    columns: number,
    private readonly indent: string,
  ) {
    this.#most = Math.max(NARROWEST, columns - 1) - indent.length;
  }

  /** @returns what of the text so far can be shown, in addition to what was returned before; the caller indents the first line */
  push(text: string): string {
    let shown = '';
    for (const character of text) {
      if (character === '\n') {
        shown += `${this.end()}\n${this.indent}`;
        this.#column = 0;
      } else if (character === ' ' || character === '\t') {
        if (this.#word !== '') shown += this.end();
        this.#blanks += ' ';
      } else {
        const columns = columnsOf(character);
        // A word as wide as the terminal is broken where its edge is.
        if (this.#wordColumns + columns > this.#most) shown += this.end();
        this.#word += character;
        this.#wordColumns += columns;
      }
    }
    return shown;
  }

  /** @returns what was kept back */
  end(): string {
    const [word, wordColumns, blanks] = [this.#word, this.#wordColumns, this.#blanks];
    this.#word = '';
    this.#wordColumns = 0;
    this.#blanks = '';
    if (word === '') return '';
    const fits = this.#column + blanks.length + wordColumns <= this.#most;
    this.#column = fits ? this.#column + blanks.length + wordColumns : wordColumns;
    return fits ? blanks + word : `\n${this.indent}${word}`;
  }
}

function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
