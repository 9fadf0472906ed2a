import type { Output } from './output.js';

const REDRAW_MS = 500;

/** What is being done, and for how long: one rewritten line on a terminal, one line for each part elsewhere. */
export class ProgressLine {
  #what = '';
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly output: Output) {}

  /** Begins a part; the one before is over. */
  show(what: string): void {
    this.#what = what;
    this.#sinceMs = Date.now();
    if (!this.output.isTerminal) {
      this.output.line(`  ${what}`);
      return;
    }
    this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref();
    this.#draw();
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
    const text = `  ${this.#what}${seconds > 0 ? ` (${seconds} s)` : ''}`.slice(0, this.output.columns - 1);
    this.output.write(`\r\u001b[K${this.output.style('faint', text)}`);
  }
}
