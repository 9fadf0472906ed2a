import { writeNumber } from '../../page/figure.js';
import type { BuildListener, BuildProgress } from '../../rollout/dataset/build/build-listener.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { ProgressLine } from '../progress-line.js';

/** Faults that are shown one by one. */
const MOST_FAULTS = 5;
const SAY_AGAIN_MS = 30_000;

const PARTS: Readonly<Record<BuildProgress['part'], { doing: string; things: string }>> = {
  labels: { doing: 'labelling trajectories', things: 'trajectories' },
  shards: { doing: 'writing rows', things: 'shards' },
};

/** Shows how far a build is: a rewritten line on a terminal, a line now and then elsewhere. */
export class BuildProgressView implements BuildListener {
  readonly #line: ProgressLine;
  #part: BuildProgress['part'] | null = null;
  #startedMs = 0;
  #saidMs = 0;
  #faults = 0;

  constructor(private readonly output: Output) {
    this.#line = new ProgressLine(output);
  }

  onProgress(progress: BuildProgress): void {
    const { part, done, of } = progress;
    const nowMs = performance.now();
    if (part !== this.#part) {
      this.#part = part;
      this.#startedMs = nowMs;
      this.#saidMs = nowMs;
      this.#line.show(`${PARTS[part].doing} (${of})`);
    }
    const text = this.#text(progress, (nowMs - this.#startedMs) / 1000);
    this.#line.note(text);
    if (this.output.isTerminal || (nowMs - this.#saidMs < SAY_AGAIN_MS && done < of)) return;
    this.#saidMs = nowMs;
    this.output.line(`  ${PARTS[part].doing}: ${text}`);
  }

  onUnreadable(fault: string): void {
    this.#faults++;
    if (this.#faults > MOST_FAULTS) return;
    const more = this.#faults === MOST_FAULTS ? ' (others are counted)' : '';
    this.#say(`left out: ${shownLine(fault)}${more}`);
  }

  onWarning(text: string): void {
    this.#say(shownLine(text));
  }

  clear(): void {
    this.#line.clear();
  }

  #say(text: string): void {
    this.#line.clear();
    this.output.line(`  ${this.output.style('warn', text)}`);
    this.#part = null;
  }

  #text({ part, done, of, known, bytes, secondsLeft }: BuildProgress, seconds: number): string {
    const rate = (done - known) / Math.max(seconds, 0.001);
    const words = [`${done} of ${of} ${PARTS[part].things}`];
    if (known > 0) words.push(`${known} known from before`);
    if (bytes > 0) words.push(writeNumber(bytes, 'bytes'));
    if (done - known > 0) words.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}/s`);
    if (secondsLeft !== null && done < of) words.push(`${longDuration(secondsLeft)} left`);
    return words.join(', ');
  }
}
