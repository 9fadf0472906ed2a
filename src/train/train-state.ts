import type { TrainEvent, TrainFacts, TrainStep } from './train-event.js';

type Eval = Extract<TrainEvent, { event: 'eval' }>;
type End = Extract<TrainEvent, { event: 'end' }>;
type Fault = Extract<TrainEvent, { event: 'fault' }>;

/** What the events of a training come to; the same event twice changes nothing. */
export class TrainState {
  facts: TrainFacts | null = null;
  resumedFrom = 0;
  readonly #steps = new Map<number, TrainStep>();
  readonly #evals = new Map<number, Eval>();
  checkpoint = 0;
  end: End | null = null;
  fault: Fault | null = null;

  add(event: TrainEvent): void {
    if (event.event === 'begin') {
      const { event: _, resumed_from, ...facts } = event;
      this.facts = facts;
      this.resumedFrom = resumed_from;
      // What came after the checkpoint comes again.
      for (const known of [this.#steps, this.#evals]) {
        for (const step of known.keys()) if (step > resumed_from) known.delete(step);
      }
      this.end = null;
    } else if (event.event === 'step') this.#steps.set(event.step, event);
    else if (event.event === 'eval') this.#evals.set(event.step, event);
    else if (event.event === 'checkpoint') this.checkpoint = event.step;
    else if (event.event === 'end') this.end = event;
    else this.fault = event;
  }

  /** In the order of steps. */
  get steps(): TrainStep[] {
    return [...this.#steps.values()].sort((a, b) => a.step - b.step);
  }

  get evals(): Eval[] {
    return [...this.#evals.values()].sort((a, b) => a.step - b.step);
  }

  get last(): TrainStep | null {
    return this.steps.at(-1) ?? null;
  }
}
