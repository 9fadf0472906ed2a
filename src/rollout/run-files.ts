import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { AgentListener } from '../agent/agent-listener.js';
import type { AgentRun } from '../agent/agent-run.js';
import { writeAtomically } from '../files/write-atomically.js';
import { log } from '../log.js';
import { taskIdOf } from './run-directory.js';
import type { RunFacts } from './run-record.js';
import { resultsText, TrajectoryText } from './trajectory-text.js';

/**
 * Keeps the files of one run: `<task id>.traj` after every round, written while the model is asked for the next, and `results.json` at
 * the end. Each is complete at any moment. A fault of the disk does not end the run: it is in the log and in `fault`.
 */
export class RunFiles implements AgentListener {
  /** The first thing that could not be written. */
  fault: Error | null = null;
  readonly #text = new TrajectoryText();
  /** Not on the disk yet. Where rounds are quicker than the disk, only the newest counts. */
  #newest: AgentRun | null = null;
  #saving: Promise<void> | null = null;

  constructor(
    private readonly directory: string,
    private readonly facts: RunFacts,
  ) {}

  onStart(run: AgentRun): void {
    this.#save(run);
  }

  onStep(_step: unknown, run: AgentRun): void {
    this.#save(run);
  }

  async onEnd(run: AgentRun): Promise<void> {
    this.#save(run);
    await this.#saving;
    await this.#write('results.json', () => [Buffer.from(resultsText(run))]);
  }

  #save(run: AgentRun): void {
    this.#newest = run;
    this.#saving ??= this.#saveAll();
  }

  async #saveAll(): Promise<void> {
    // The next question to the model goes first.
    await setImmediate();
    for (let run = this.#newest; run; run = this.#newest) {
      this.#newest = null;
      const saved = run;
      await this.#write(`${taskIdOf(saved.task)}.traj`, () => this.#text.of(saved, this.facts));
    }
    this.#saving = null;
  }

  async #write(name: string, parts: () => Buffer[]): Promise<void> {
    const file = path.join(this.directory, name);
    try {
      await writeAtomically(file, parts());
    } catch (error) {
      this.fault ??= error as Error;
      log.error({ err: error, file }, 'a run could not be saved');
    }
  }
}
