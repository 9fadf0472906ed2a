import type { Output } from './output.js';

/** Lines at the end of a terminal that are drawn anew again and again, with notices above them. */
export class LiveFrame {
  #drawn = 0;

  constructor(private readonly output: Output) {}

  draw(lines: readonly string[]): void {
    this.wipe();
    // Lines that are too long are cut by the terminal, so that their number is known.
    this.output.write(`\u001b[?7l${lines.join('\n')}\n\u001b[?7h`);
    this.#drawn = lines.length;
  }

  /** Leaves the lines where they are. */
  keep(): void {
    this.#drawn = 0;
  }

  wipe(): void {
    // From the first column: what was typed meanwhile, such as Ctrl-C, stands there.
    if (this.#drawn > 0) this.output.write(`\r\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }
}
