const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const INTERRUPTED = 130;

/** What may be brought to a halt: `stop` begins nothing new, `drop` leaves what is under way. */
interface Stoppable {
  stop(): void;
  drop(): void;
}

/** Ctrl-C, and what else asks a process to end: first nothing new is begun, then what is under way is dropped, then all is left. */
export class Halts {
  #asked = 0;

  /** @param words what is said the first and the second time */
  constructor(
    private readonly work: Stoppable,
    private readonly words: { stop: string; drop: string },
    private readonly say: (text: string) => void,
  ) {
    for (const signal of SIGNALS) process.on(signal, this.#stop);
  }

  /** Leaves signals to Node again. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#stop);
  }

  readonly #stop = (): void => {
    this.#asked++;
    if (this.#asked === 1) {
      this.say(this.words.stop);
      this.work.stop();
    } else if (this.#asked === 2) {
      this.say(this.words.drop);
      this.work.drop();
    } else process.exit(INTERRUPTED);
  };
}
