import { shownText } from '../../agent/shown-text.js';
import type { Output } from '../output.js';
import type { ProgressLine } from '../progress-line.js';

const HEAD_LINES = 12;
const TAIL_LINES = 6;
const INDENT = '  ';
/** A program may print without ever breaking a line. */
const MAX_LINE_CHARACTERS = 2 ** 16;

/** The output of one command on the screen: its first lines as they come, the newest one while it runs, its last ones in the end. */
export class ClippedOutput {
  readonly #decoder = new TextDecoder();
  readonly #shown: string[] = [];
  #rest = '';

  /** @param progress where the newest line goes; null: nothing is shown before the end */
  constructor(
    private readonly output: Output,
    private readonly progress: ProgressLine | null,
  ) {}

  push(chunk: Uint8Array): void {
    if (!this.progress) return;
    const lines = this.#decoder.decode(chunk, { stream: true }).split('\n');
    lines[0] = this.#rest + lines[0];
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
    for (const line of lines) {
      if (line.trim() === '') continue;
      if (this.#shown.length < HEAD_LINES) this.#print(line);
      else this.progress.show(shownText(line));
    }
  }

  /** Shows what the agent was told in the end, as far as it is not on the screen. */
  end(observation: string): void {
    this.progress?.clear();
    const lines = observation.split('\n').filter((line) => line.trim() !== '');
    const isShown = this.#shown.every((line, i) => lines[i] === line);
    const rest = isShown ? lines.slice(this.#shown.length) : lines;
    const head = rest.slice(0, isShown ? HEAD_LINES - this.#shown.length : HEAD_LINES);
    const tail = rest.slice(head.length);
    for (const line of head) this.#print(line);
    const omitted = tail.length - TAIL_LINES;
    if (omitted > 0) this.output.line(this.output.style('faint', `${INDENT}... ${omitted} more lines ...`));
    for (const line of tail.slice(-TAIL_LINES)) this.#print(line);
  }

  #print(line: string): void {
    this.progress?.clear();
    this.#shown.push(line);
    const text = shownText(line).replaceAll('\t', '    ');
    const room = this.output.columns - INDENT.length;
    this.output.line(INDENT + (text.length > room ? `${text.slice(0, room - 3)}...` : text));
  }
}
