import { log } from '../../log.js';
import { pythonDump } from '../../python/python-dump.js';
import { parsePythonJson } from '../../python/python-json.js';
import { pythonStrip } from '../../python/python-strip.js';
import type { CommandResult, Sandbox } from '../../sandbox/sandbox.js';
import { STATE_TIMEOUT_MS, STATE_TIMEOUTS } from '../limits.js';
import { outputText } from '../observation/observation.js';
import type { EpisodeRecord } from './episode-record.js';

const LOGGED_CHARACTERS = 500;

/** Asks the agent's shell for its state with the command that the client brought. The answer is kept in the record. */
export class StateQuery {
  readonly #sandbox: Sandbox;
  readonly #record: EpisodeRecord;
  #timeouts = 0;
  #hasTold = false;

  constructor(sandbox: Sandbox, record: EpisodeRecord) {
    this.#sandbox = sandbox;
    this.#record = record;
  }

  /**
   * Asks, if there is a command for it and it has not kept the agent waiting too often. A failure is logged once and leaves the last
   * answer, with the open file and the working directory of now. Never rejects.
   * @param exports gives what the environment of the shell lacks
   * @returns what the shell said of itself; null when it was not asked
   */
  async ask(exports: () => Readonly<Record<string, string>>): Promise<CommandResult | null> {
    const { state_command } = this.#record.settings;
    if (!state_command) return null;
    if (this.#timeouts >= STATE_TIMEOUTS) {
      this.#keepLast();
      return null;
    }
    const commandId = this.#idAt(this.#record.step_count);
    try {
      const result = await this.#sandbox.run(`${state_command.name} || builtin :`, {
        commandId,
        timeoutMs: STATE_TIMEOUT_MS,
        keepBytes: { head: 2 ** 18, tail: 0 },
        aside: true,
        exports: exports(),
        variables: { LAST_ACTION: this.#record.last_action },
      });
      this.#sandbox.acknowledge(commandId);
      this.#timeouts = result.status === 'timed_out' ? this.#timeouts + 1 : 0;
      const text = outputText(result);
      if (result.status === 'exited' && parsePythonJson(text) instanceof Map) {
        this.#record.state = text;
        return result;
      }
      this.#tell({ status: result.status, printed: pythonStrip(text).slice(0, LOGGED_CHARACTERS) });
      return result;
    } catch (error) {
      this.#tell(error);
      return null;
    }
  }

  /** Waits for what an earlier process asked, which still has the shell. Never rejects. */
  async settle(): Promise<void> {
    const { settings, step_count } = this.#record;
    if (!settings.state_command) return;
    // Where that process had not kept its last step, it was one further.
    for (const step of [step_count, step_count + 1]) {
      const commandId = this.#idAt(step);
      await this.#sandbox.attach(commandId, { timeoutMs: 2 * STATE_TIMEOUT_MS }).catch(() => {});
      this.#sandbox.acknowledge(commandId);
    }
  }

  #idAt(step: number): string {
    return `state-${step}`;
  }

  #tell(fault: unknown): void {
    this.#keepLast();
    if (this.#hasTold || this.#record.end) return;
    this.#hasTold = true;
    const { episode_id, settings } = this.#record;
    const facts = fault instanceof Error ? { err: fault } : { fault };
    log.warn({ ...facts, episode: episode_id, command: settings.state_command?.name }, 'a state command failed');
  }

  #keepLast(): void {
    const last = this.#record.state === null ? null : parsePythonJson(this.#record.state);
    if (!(last instanceof Map)) return;
    const { cwd, open_file } = this.#record;
    this.#record.state = pythonDump(new Map([...last, ['open_file', open_file ?? 'n/a'], ['working_dir', cwd]]));
  }
}
