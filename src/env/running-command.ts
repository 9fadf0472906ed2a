import type { CommandResult, KeepBytes, RunOptions } from '../sandbox/sandbox.js';
import type { KeptOutput } from './observation.js';
import { OutputWindow } from './output-window.js';

type OutputListener = NonNullable<RunOptions['onOutput']>;

/** A command of the shell for which somebody waits, in one step or in several. */
export class RunningCommand {
  readonly #window: OutputWindow;
  readonly #result: Promise<CommandResult>;
  #listener: OutputListener | undefined;

  /**
   * @param commandId its id in the sandbox
   * @param timeoutS its limit in seconds, for the observation
   * @param start starts it, or attaches to it
   */
  constructor(
    readonly commandId: string,
    readonly timeoutS: number,
    keep: KeepBytes,
    start: (onOutput: OutputListener) => Promise<CommandResult>,
  ) {
    this.#window = new OutputWindow(keep);
    this.#result = start((chunk, offset) => {
      this.#window.push(chunk, offset);
      this.#listener?.(chunk, offset);
    });
    // Awaited by whoever waits next; until then a failure is nobody's.
    this.#result.catch(() => {});
  }

  /**
   * Waits for the end.
   * @param deadlineMs gives up waiting after this time; the command goes on
   * @returns null when it still runs at the deadline
   */
  async wait(deadlineMs: number | undefined, onOutput: OutputListener | undefined): Promise<CommandResult | null> {
    this.#listener = onOutput;
    let timer: NodeJS.Timeout | undefined;
    try {
      if (deadlineMs === undefined) return await this.#result;
      const late = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), deadlineMs);
      });
      return await Promise.race([this.#result, late]);
    } finally {
      clearTimeout(timer);
      this.#listener = undefined;
    }
  }

  /** Output so far, as far as it was streamed. */
  get output(): KeptOutput {
    return this.#window.kept();
  }
}
