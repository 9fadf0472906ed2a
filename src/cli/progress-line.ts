import type { Output } from './output.js';

const REDRAW_MS = 500;

/** What is being done, and for how long: one rewritten line on a terminal, one line for each part elsewhere. */
export class ProgressLine {
  #what = '';
  #note = '';
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly output: Output) {}

  /** Begins a part; the one before is over. */
  show(what: string): void {
    this.#what = what;
    this.#note = '';
    this.#sinceMs = Date.now();
    if (!this.output.isTerminal) {
      this.output.line(`  ${what}`);
      return;
    }
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref();
    this.#draw();
  }

  /** Says more about the part; seen on a terminal only. */
  note(text: string): void {
    this.#note = text;
  }

  /** Wipes the line, so that other text can be written. Nothing happens where there is none: other text is left alone. */
  clear(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.output.write('\r\u001b[K');
  }

  #draw(): void {
    const seconds = Math.floor((Date.now() - this.#sinceMs) / 1000);
    const note = this.#note && `: ${this.#note}`;
    const text = `  ${this.#what}${note}${seconds > 0 ? ` (${seconds} s)` : ''}`.slice(0, this.output.columns - 1);
    this.output.write(`\r\u001b[K${this.output.style('faint', text)}`);
  }
}
