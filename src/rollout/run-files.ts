import path from 'node:path';
import type { AgentListener } from '../agent/agent-listener.js';
import type { AgentRun } from '../agent/agent-run.js';
import { log } from '../log.js';
import { taskIdOf } from './run-directory.js';
import type { RunFacts } from './run-record.js';
import { resultsText, TrajectoryText } from './trajectory-text.js';
import { writeAtomically } from './write-atomically.js';

/**
 * Keeps the files of one run up to date while it is played: `<task id>.traj` after every round, `results.json` at the end. Each is
 * complete at any moment. A fault of the disk does not end the run: it is in the log and in `fault`.
 */
export class RunFiles implements AgentListener {
  /** The first thing that could not be written. */
  fault: Error | null = null;
  readonly #text = new TrajectoryText();

  constructor(
    private readonly directory: string,
    private readonly facts: RunFacts,
  ) {}

  onStart(run: AgentRun): Promise<void> {
    return this.#save(run);
  }

  onStep(_step: unknown, run: AgentRun): Promise<void> {
    return this.#save(run);
  }

  async onEnd(run: AgentRun): Promise<void> {
    await this.#save(run);
    await this.#write('results.json', () => [Buffer.from(resultsText(run))]);
  }

  #save(run: AgentRun): Promise<void> {
    return this.#write(`${taskIdOf(run.task)}.traj`, () => this.#text.of(run, this.facts));
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
