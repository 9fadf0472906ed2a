import type { TrainEvent, TrainStep } from '../../train/train-event.js';
import type { TrainState } from '../../train/train-state.js';
import { LiveFrame } from '../live-frame.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { shortCount } from '../run/limits-bar.js';

const BAR = 30;

/** Shows a training while it runs: a bar that is drawn anew on a terminal, a line for every step elsewhere. */
export class TrainView {
  readonly #frame: LiveFrame;

  constructor(
    private readonly output: Output,
    private readonly isQuiet: boolean,
  ) {
    this.#frame = new LiveFrame(output);
  }

  show(event: TrainEvent, state: TrainState): void {
    if (this.isQuiet) return;
    if (event.event === 'begin') this.notice(this.#begin(event));
    else if (event.event === 'step') this.#step(event, state);
    else if (event.event === 'eval') this.notice(`step ${event.step}  held-out loss ${written(event.loss)}`);
    else if (event.event === 'checkpoint' && !this.output.isTerminal) this.notice(`step ${event.step}  ${event.path}`);
  }

  /** Shows what is to be read above the bar. */
  notice(text: string): void {
    this.#frame.wipe();
    this.output.line(text);
  }

  /** Leaves the bar where it is. */
  close(): void {
    this.#frame.keep();
  }

  #begin({ model, dataset, devices, processes, attention, resumed_from }: TrainEvent & { event: 'begin' }): string {
    const where = devices.length > 0 ? devices.map(({ name }) => name).join(', ') : `${processes} x CPU`;
    const trained = `${shortCount(model.trainable)} of ${shortCount(model.parameters)} parameters`;
    const rows = `${dataset.rows} rows, ${shortCount(dataset.tokens)} tokens, ${dataset.held_out_rows} held out`;
    const again = resumed_from > 0 ? `; goes on after step ${resumed_from}` : '';
    return `${where}, ${attention}: ${trained}, ${rows}${again}`;
  }

  #step(step: TrainStep, state: TrainState): void {
    const memory = step.memory_bytes > 0 ? `  ${(step.memory_bytes / 1e9).toFixed(1)} GB` : '';
    const speed = `${shortCount(Math.round(step.tokens_per_second))} tokens/s`;
    const facts = `loss ${written(step.loss)}  ${speed}${memory}  ${longDuration(step.seconds_left)} left`;
    if (!this.output.isTerminal) {
      const norm = step.grad_norm === null ? '-' : step.grad_norm.toFixed(2);
      this.output.line(
        `step ${step.step}/${step.of}  ${facts}  lr ${step.learning_rate.toExponential(2)}  gradient ${norm}`,
      );
      return;
    }
    const done = Math.round((step.step / Math.max(1, step.of)) * BAR);
    const bar = this.output.style('good', '█'.repeat(done)) + this.output.style('faint', '░'.repeat(BAR - done));
    const held = state.evals.at(-1);
    const beside = held ? `  held out ${written(held.loss)}` : '';
    this.#frame.draw([`${bar} ${step.step}/${step.of}  ${facts}${beside}`]);
  }
}

function written(loss: number | null): string {
  return loss === null ? 'no number' : loss.toFixed(4);
}
