import type { Action, EpisodeState, Params, ResetResult, StepResult, TypedAction } from '../protocol/index.js';
import { compact } from './compact.js';
import type { Connection } from './connection.js';
import type { OutputHandler } from './pending-request.js';

/** How one step is taken. */
export interface StepOptions {
  /** Ends the running command and rejects the step with `aborted`. To keep what the command printed, use `interrupt`. */
  signal?: AbortSignal;
  /** Takes output while the command runs; `offset` counts bytes from the start of the command. */
  onOutput?: OutputHandler;
  /** A command that still runs after this time is answered with `observation.running`; `wait` goes on with it. */
  deadlineMs?: number;
}

/** The fields of one form of action, as on the wire. */
type Fields<T extends TypedAction['type']> = Omit<Extract<TypedAction, { type: T }>, 'type'>;

/** One live episode on the server. One step at a time; a second one meanwhile is refused with `episode_busy`. */
export class Episode implements AsyncDisposable {
  #last: StepResult | null = null;
  #aborted: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  /** Made by `EnvClient`. */
  constructor(
    private readonly connection: Connection,
    readonly id: string,
    private readonly onClosed: () => void,
    /** What the reset answered; `null` for an episode that was taken up again. */
    readonly reset: ResetResult | null,
  ) {}

  /** What the last step answered. */
  get last(): StepResult | null {
    return this.#last;
  }

  /** Whether the task or a limit ended the episode, as far as this handle saw. */
  get isOver(): boolean {
    return this.#last !== null && (this.#last.terminated || this.#last.truncated);
  }

  /**
   * Takes one action: a SWE-agent command line, or one of the typed forms.
   * @throws RpcError `episode_over`, `episode_busy`, `invalid_action`, `sandbox_unavailable`...; ClientError `aborted`...
   */
  async step(action: Action, options: StepOptions = {}): Promise<StepResult> {
    // The server may still be ending the command of a step that was aborted.
    if (this.#aborted !== null) await this.#aborted;
    const params: Params<'step'> = {
      episode_id: this.id,
      action: typeof action === 'string' ? action : compact(action),
    };
    if (options.onOutput) params.stream = true;
    if (options.deadlineMs !== undefined) params.deadline_ms = options.deadlineMs;
    let settled!: () => void;
    const whole = new Promise<void>((resolve) => {
      settled = resolve;
    });
    const { signal, onOutput } = options;
    try {
      const result = await this.connection.request('step', params, { signal, onOutput, onSettled: settled });
      this.#last = result;
      return result;
    } catch (error) {
      if (signal?.aborted && !this.connection.isClosed) this.#hold(whole);
      throw error;
    }
  }

  /** Runs shell text in the persistent shell. */
  bash(command: string, options?: StepOptions & { timeoutS?: number }): Promise<StepResult> {
    return this.step({ type: 'bash', command, timeout_s: options?.timeoutS }, options);
  }

  /** Shows a file, from around a line. */
  open(path: string, line?: number, options?: StepOptions): Promise<StepResult> {
    return this.step({ type: 'open', path, line }, options);
  }

  /** Makes a file and opens it. */
  create(path: string, text?: string, options?: StepOptions): Promise<StepResult> {
    return this.step({ type: 'create', path, text }, options);
  }

  /** Replaces lines of the open file, or of `path`. */
  edit(edit: Fields<'edit'>, options?: StepOptions): Promise<StepResult> {
    return this.step({ type: 'edit', ...edit }, options);
  }

  /** Puts text behind a line of the open file, or of `path`. */
  insert(insert: Fields<'insert'>, options?: StepOptions): Promise<StepResult> {
    return this.step({ type: 'insert', ...insert }, options);
  }

  /** Scores what there is; the episode goes on. */
  validate(options?: StepOptions): Promise<StepResult> {
    return this.step({ type: 'validate' }, options);
  }

  /** Scores what there is and ends the episode. */
  submit(options?: StepOptions): Promise<StepResult> {
    return this.step({ type: 'submit' }, options);
  }

  /** Goes on with a command that a deadline left running. */
  wait(options?: StepOptions & { timeoutS?: number }): Promise<StepResult> {
    return this.step({ type: 'wait', timeout_s: options?.timeoutS }, options);
  }

  /** Ends the running command from beside the step, which then resolves with what there is. @returns whether one ran */
  async interrupt(): Promise<boolean> {
    return (await this.connection.request('interrupt', { episode_id: this.id })).interrupted;
  }

  /** Where the server says that the episode stands. */
  state(signal?: AbortSignal): Promise<EpisodeState> {
    return this.connection.request('state', { episode_id: this.id }, { signal });
  }

  /** Ends the episode on the server and gives back its sandbox. Idempotent, never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.connection.request('close', { episode_id: this.id }).then(
      () => this.onClosed(),
      () => this.onClosed(),
    );
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #hold(whole: Promise<void>): void {
    const held = whole.then(() => {
      if (this.#aborted === held) this.#aborted = null;
    });
    this.#aborted = held;
  }
}
