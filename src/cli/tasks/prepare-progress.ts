import { gib } from '../../env/supplies/hub/hub-download.js';
import type { PreparationListener } from '../../env/supplies/preparation-listener.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { ProgressLine } from '../progress-line.js';

/** The rate is that of the last moments, so that it says how fast it goes now. */
const WINDOW_MS = 10_000;
/** Where lines are not rewritten, one at most so often. */
const PLAIN_STEP_MS = 30_000;

/** Shows how a preparation goes: its part, and for downloads how much of how much, how fast, and how long it will take. */
export class PrepareProgress implements PreparationListener {
  readonly #line: ProgressLine;
  #part = '';
  #marks: { atMs: number; bytes: number }[] = [];
  #shownAtMs = 0;

  constructor(
    private readonly output: Output,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#line = new ProgressLine(output);
  }

  onPart(text: string): void {
    this.#part = shownLine(text);
    this.#marks = [];
    this.#shownAtMs = this.now();
    this.#line.show(this.#part);
  }

  onNote(text: string): void {
    this.#line.note(shownLine(text));
  }

  onBytes(doneBytes: number, totalBytes: number): void {
    const atMs = this.now();
    this.#marks = [...this.#marks.filter((mark) => atMs - mark.atMs <= WINDOW_MS), { atMs, bytes: doneBytes }];
    if (!this.output.isTerminal) {
      if (atMs - this.#shownAtMs < PLAIN_STEP_MS) return;
      this.#shownAtMs = atMs;
      this.output.line(`  ${this.#part}: ${this.#amount(doneBytes, totalBytes)}`);
    } else this.#line.note(this.#amount(doneBytes, totalBytes));
  }

  /** Wipes the line, so that other text can be written. */
  clear(): void {
    this.#line.clear();
  }

  #amount(doneBytes: number, totalBytes: number): string {
    const amount = `${gib(doneBytes)} of ${gib(totalBytes)}`;
    const [first] = this.#marks;
    const last = this.#marks.at(-1);
    const spentMs = first && last ? last.atMs - first.atMs : 0;
    const rate = first && last && spentMs > 0 ? ((last.bytes - first.bytes) * 1000) / spentMs : 0;
    if (rate <= 0) return amount;
    return `${amount}, ${gib(rate)}/s, ${duration((totalBytes - doneBytes) / rate)} left`;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
