import { stripVTControlCharacters, styleText } from 'node:util';

/** Styles of the commands, by meaning. */
const STYLES = {
  heading: ['bold'],
  good: ['green'],
  warn: ['yellow'],
  bad: ['red'],
  faint: ['dim'],
  accent: ['cyan'],
  input: ['bold', 'cyan'],
} as const satisfies Record<string, Parameters<typeof styleText>[0]>;
export type Style = keyof typeof STYLES;

/** A place that text goes to; a terminal gets colours and rewritten lines, a pipe plain lines. */
export class Output {
  readonly isTerminal: boolean;
  readonly #hasColours: boolean;

  constructor(
    readonly stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number } = process.stdout,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.isTerminal = stream.isTTY === true;
    const forced = environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '0';
    this.#hasColours = !environment.NO_COLOR && environment.TERM !== 'dumb' && (forced || this.isTerminal);
  }

  /** Columns of the terminal; 100 elsewhere. */
  get columns(): number {
    return this.stream.columns ?? 100;
  }

  style(style: Style, text: string): string {
    return this.#hasColours ? styleText([...STYLES[style]], text) : text;
  }

  write(text: string): void {
    this.stream.write(text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line(this.style('heading', text));
  }

  /** Rows under headings, columns as wide as their widest cell; numbers (`right`) end at the right. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], right: readonly number[] = []): void {
    const widths = headings.map((heading, i) => Math.max(...[heading, ...rows.map((row) => row[i] ?? '')].map(width)));
    const render = (row: readonly string[]) =>
      row
        .map((cell, i) => {
          const gap = ' '.repeat((widths[i] ?? 0) - width(cell));
          return right.includes(i) ? gap + cell : cell + gap;
        })
        .join('  ')
        .trimEnd();
    this.line(this.style('heading', render(headings)));
    for (const row of rows) this.line(render(row));
  }
}

/** @returns the columns that a text takes, colours apart */
function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
