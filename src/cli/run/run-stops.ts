import type { Output } from '../output.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const INTERRUPTED = 130;

/** Ctrl-C, and what else asks a process to end: the first time runs come to an end, the second time they are dropped, then all is left. */
export class RunStops {
  readonly #finish = new AbortController();
  readonly #drop = new AbortController();

  constructor(private readonly output: Output) {
    for (const signal of SIGNALS) process.on(signal, this.#stop);
  }

  /** Fires when runs are to score what they have and end. */
  get finish(): AbortSignal {
    return this.#finish.signal;
  }

  /** Fires when runs are to end as they are. */
  get drop(): AbortSignal {
    return this.#drop.signal;
  }

  get isStopped(): boolean {
    return this.#finish.signal.aborted;
  }

  /** Leaves signals to Node again. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#stop);
  }

  readonly #stop = (): void => {
    if (this.#drop.signal.aborted) process.exit(INTERRUPTED);
    const isFirst = !this.#finish.signal.aborted;
    const text = isFirst
      ? 'Stopping: the command is interrupted and what there is is scored. Once more leaves at once.'
      : 'Leaving without a score.';
    this.output.line(`\n${this.output.style('warn', text)}`);
    if (isFirst) this.#finish.abort();
    else this.#drop.abort();
  };
}
