import type { Pipeline } from '../../synth/pipeline/pipeline.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const INTERRUPTED = 130;

/** Ctrl-C, and what else asks a process to end: first the run is brought to a halt, then what is under way is dropped, then all is left. */
export class SynthStops {
  #asked = 0;

  constructor(
    private readonly pipeline: Pick<Pipeline, 'stop' | 'drop'>,
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
      this.say('Stopping: answers that are being written are waited for and kept. Once more leaves them.');
      this.pipeline.stop();
    } else if (this.#asked === 2) {
      this.say('Dropping what is under way. Once more leaves at once; what is saved stays.');
      this.pipeline.drop();
    } else process.exit(INTERRUPTED);
  };
}
