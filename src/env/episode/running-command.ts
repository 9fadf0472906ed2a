import type { CommandResult, KeepBytes, RunOptions } from '../../sandbox/sandbox.js';
import type { KeptOutput } from '../observation/observation.js';
import { PartialOutput } from './partial-output.js';

type OutputListener = NonNullable<RunOptions['onOutput']>;

/** A command of the shell whose result is to come. */
export class RunningCommand {
  /** Rejects with what the sandbox throws; nobody need wait for it. */
  readonly result: Promise<CommandResult>;
  /** Gets output as it comes. */
  listener: OutputListener | undefined;
  /** Its id in the sandbox; another one from when it goes on with its second part. */
  commandId: string;
  /** The observation, whatever it shows, if it ends well. */
  answer: string | null = null;
  readonly #partial: PartialOutput;

  /**
   * @param commandId its id in the sandbox
   * @param timeoutS its limit in seconds, for the observation
   * @param start starts it, or attaches to it
   */
  constructor(
    commandId: string,
    readonly timeoutS: number,
    keep: KeepBytes,
    start: (onOutput: OutputListener) => Promise<CommandResult>,
  ) {
    this.commandId = commandId;
    this.#partial = new PartialOutput(keep);
    this.result = start((chunk, offset) => {
      this.#partial.push(chunk, offset);
      this.listener?.(chunk, offset);
    });
    this.result.catch(() => {});
  }

  /** Output so far, as far as it was streamed. */
  get output(): KeptOutput {
    return this.#partial.kept();
  }
}
