import type { Output } from '../output.js';

const REDRAW_MS = 250;

/** How far a replay is, how fast it goes and how long it takes: one rewritten line on a terminal, nothing elsewhere. */
export class ReplayProgress {
  readonly #sinceMs = performance.now();
  #steps = 0;
  #files = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param steps of all files together */
  constructor(
    private readonly steps: number,
    private readonly files: number,
    private readonly output: Output,
  ) {}

  /** An action is done. */
  stepped(): void {
    this.#steps++;
    if (this.output.isTerminal) this.#timer ??= setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  /** A file is done. */
  ended(): void {
    this.#files++;
  }

  /** Wipes the line, so that other text can be written. */
  clear(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.output.write('\r\u001b[K');
  }

  #draw(): void {
    const text = `  ${this.line()}`.slice(0, this.output.columns - 1);
    this.output.write(`\r\u001b[K${this.output.style('faint', text)}`);
  }

  /** @returns the line, such as `120/2000 actions of 3/52 files  14.2/s  2 min left` */
  line(): string {
    const seconds = (performance.now() - this.#sinceMs) / 1000;
    const rate = this.#steps / Math.max(seconds, 0.001);
    const left = rate === 0 ? '' : `  ${duration((this.steps - this.#steps) / rate)} left`;
    return `${this.#steps}/${this.steps} actions of ${this.#files}/${this.files} files  ${rate.toFixed(1)}/s${left}`;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
