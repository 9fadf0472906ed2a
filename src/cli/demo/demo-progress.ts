import cliProgress from 'cli-progress';
import type { Output } from '../output.js';
import { terminalText } from '../play/terminal-text.js';
import type { SolutionRun } from './solution-run.js';

/** Shows runs while they run: a bar each on a terminal, a line for every step elsewhere. */
export class DemoProgress {
  readonly #bars: cliProgress.MultiBar | null;
  readonly #bar = new Map<SolutionRun, cliProgress.SingleBar>();
  readonly #width: number;
  readonly #clock: NodeJS.Timeout | null;

  constructor(
    runs: readonly SolutionRun[],
    private readonly output: Output,
  ) {
    this.#width = Math.max(...runs.map(({ task }) => task.length));
    this.#bars = output.isTerminal
      ? new cliProgress.MultiBar(
          {
            format: `{task} ${output.style('good', '{bar}')} {value}/{total} steps  {rate}/s  {seconds} s  ${output.style('faint', '{doing}')}`,
            barCompleteChar: '\u2588',
            barIncompleteChar: '\u2591',
            barsize: 20,
            hideCursor: true,
            linewrap: false,
            fps: 8,
            stream: output.stream,
          },
          cliProgress.Presets.shades_classic,
        )
      : null;
    for (const run of runs) {
      const bar = this.#bars?.create(run.totalSteps, 0, this.#fields(run));
      if (bar) this.#bar.set(run, bar);
    }
    this.#clock = this.#bars && setInterval(() => this.#tick(), 250);
  }

  changed(run: SolutionRun): void {
    const bar = this.#bar.get(run);
    if (bar) bar.update(run.steps, this.#fields(run));
    else
      this.output.line(
        `${run.task.padEnd(this.#width)}  ${run.steps}/${run.totalSteps}  ${terminalText(run.doing).slice(0, 80)}`,
      );
  }

  stop(): void {
    if (this.#clock) clearInterval(this.#clock);
    this.#tick();
    this.#bars?.stop();
  }

  /** Draws the clocks anew. */
  #tick(): void {
    for (const [run, bar] of this.#bar) bar.update(run.steps, this.#fields(run));
  }

  #fields(run: SolutionRun): Record<string, string> {
    const seconds = run.seconds || (run.startedAtMs === 0 ? 0 : (performance.now() - run.startedAtMs) / 1000);
    const room = Math.max(8, this.output.columns - this.#width - 60);
    return {
      task: run.task.padEnd(this.#width),
      rate: (seconds === 0 ? 0 : run.steps / seconds).toFixed(1),
      seconds: seconds.toFixed(1),
      doing: terminalText(run.doing).slice(0, room),
    };
  }
}
