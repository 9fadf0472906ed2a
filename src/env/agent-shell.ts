import { posix } from 'node:path';
import {
  type CommandResult,
  type KeepBytes,
  type Sandbox,
  SandboxError,
  type ToolCall,
  type ToolResult,
} from '../sandbox/sandbox.js';
import type { StepOptions } from './env.js';
import type { EpisodeRecord } from './episode-record.js';
import type { StepOutcome } from './episode-report.js';
import { ATTACH_SLACK_MS, NO_OUTPUT_TIMEOUT_MS, OVERLAP, SETUP_TIMEOUT_MS, WINDOW } from './limits.js';
import { COMMAND_LOST, commandText, outputText, runningText, shellLost } from './observation.js';
import { OutputWindow } from './output-window.js';
import { RunningCommand } from './running-command.js';
import { ofAgent } from './sandbox-faults.js';

/** What a command came to, and what it asked the environment for. */
export interface ShellOutcome extends StepOutcome {
  requests: readonly ('submit' | 'validate')[];
  shellLost: boolean;
}

const ASKS_NOTHING = { requests: [], shellLost: false } as const;

/** What MLGym's shell gets from its aliases file. */
const MLGYM_ALIASES =
  "shopt -s expand_aliases; alias ll='ls -alF'; alias la='ls -A'; alias l='ls -CF'; alias ls='ls -F'";

/** The agent's hands: its shell and its tools. Where the shell stands is kept in the record of the episode. */
export class AgentShell {
  readonly #sandbox: Sandbox;
  readonly #record: EpisodeRecord;
  #command: RunningCommand | null = null;
  #finished: string | null = null;

  /** @param record its `cwd`, `open_file`, `commands` and `running` are kept up to date */
  constructor(sandbox: Sandbox, record: EpisodeRecord) {
    this.#sandbox = sandbox;
    this.#record = record;
  }

  /** Whether a command has a result that nobody got yet. */
  get running(): boolean {
    return this.#command !== null;
  }

  /** Gives a fresh shell, and the tools, what this episode's differ in. */
  async setUp(): Promise<void> {
    const { window, compat } = this.#record.settings;
    if (window !== WINDOW) {
      const variables = { WINDOW: window, OVERLAP };
      await ofAgent(() => this.#sandbox.tool({ name: 'state', args: [], variables }));
    }
    if (compat !== 'mlgym') return;
    const commandId = this.#nextId();
    const keepBytes = { head: 1024, tail: 1024 };
    await ofAgent(() => this.#sandbox.run(MLGYM_ALIASES, { commandId, timeoutMs: SETUP_TIMEOUT_MS, keepBytes }));
    this.#sandbox.acknowledge(commandId);
  }

  /**
   * Begins a command; `wait` gives its result.
   * @param timeoutS limit that was chosen for it, in seconds
   * @param cutMs the episode ends in so many milliseconds, and the command with it
   */
  start(command: string, timeoutS: number, cutMs: number, { deadlineMs, onOutput }: StepOptions): void {
    const commandId = this.#nextId();
    const timeoutMs = Math.max(1, Math.min(timeoutS * 1000, cutMs));
    const keepBytes = this.#keep();
    const streams = deadlineMs !== undefined || onOutput !== undefined;
    this.#record.running = { command_id: commandId, timeout_s: timeoutS };
    this.#command = new RunningCommand(commandId, timeoutS, keepBytes, (listener) =>
      this.#sandbox.run(command, {
        commandId,
        timeoutMs,
        keepBytes,
        ...(timeoutMs > NO_OUTPUT_TIMEOUT_MS && { noOutputTimeoutMs: NO_OUTPUT_TIMEOUT_MS }),
        ...(streams && { onOutput: listener }),
      }),
    );
  }

  /** Takes up the command that the record says is running. */
  attach(): void {
    const { running } = this.#record;
    if (!running) return;
    const timeoutMs = running.timeout_s * 1000 + ATTACH_SLACK_MS;
    this.#command = new RunningCommand(running.command_id, running.timeout_s, this.#keep(), (onOutput) =>
      this.#sandbox.attach(running.command_id, { timeoutMs, onOutput }),
    );
  }

  /** Waits for the command; at the deadline the outcome is what there is so far. The signal ends the command. */
  async wait({ deadlineMs, signal, onOutput }: StepOptions): Promise<ShellOutcome> {
    const command = this.#command;
    if (!command) throw new Error('there is no command to wait for');
    const abort = (): void => {
      // Whether it could be ended shows in its result.
      this.interrupt().catch(() => {});
    };
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      const result = await ofAgent(() => command.wait(deadlineMs, onOutput));
      if (result) return await this.#finish(command, result);
      const { output } = command;
      return { ...ASKS_NOTHING, text: runningText(output), omittedBytes: output.omittedBytes, running: true };
    } catch (error) {
      this.#drop();
      if (!isUnknown((error as Error).cause)) throw error;
      return { ...ASKS_NOTHING, text: COMMAND_LOST };
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends the running command, if any. @returns whether there was one */
  async interrupt(): Promise<boolean> {
    const command = this.#command;
    if (!command) return false;
    try {
      await this.#sandbox.interrupt(command.commandId);
      return true;
    } catch (error) {
      if (isUnknown(error)) return false;
      return ofAgent(() => Promise.reject(error));
    }
  }

  /** Lets the sandbox forget the last result: from now on the record says that it was delivered. */
  acknowledge(): void {
    if (this.#finished !== null) this.#sandbox.acknowledge(this.#finished);
    this.#finished = null;
  }

  /** Runs SWE-agent commands without a shell, each only after the one before it showed a file. `path` is opened first. */
  async tool(path: string | null, calls: readonly ToolCall[]): Promise<ShellOutcome> {
    const isOpen = path === null || posix.resolve(this.#record.cwd, path) === this.#record.open_file;
    const all = isOpen ? calls : [{ name: 'open', args: [path] }, ...calls];
    let outcome: ShellOutcome = { ...ASKS_NOTHING, text: '' };
    for (const call of all) {
      outcome = this.#shown(await ofAgent(() => this.#sandbox.tool(call)));
      if (!outcome.text.startsWith('[File: ')) break;
    }
    return outcome;
  }

  #shown(result: ToolResult): ShellOutcome {
    this.#record.cwd = result.cwd;
    this.#record.open_file = result.openFile;
    const window = new OutputWindow(this.#keep());
    window.push(result.output, 0);
    const kept = window.kept();
    return { ...ASKS_NOTHING, text: outputText(kept), omittedBytes: kept.omittedBytes, exitCode: result.exitCode };
  }

  async #finish(command: RunningCommand, result: CommandResult): Promise<ShellOutcome> {
    this.#drop();
    this.#finished = command.commandId;
    this.#record.cwd = result.cwd;
    this.#record.open_file = result.openFile;
    if (result.shellRestarted) await this.setUp();
    return {
      text: commandText(result, command.timeoutS),
      exitCode: result.exitCode,
      omittedBytes: result.omittedBytes,
      requests: result.requests,
      shellLost: shellLost(result),
    };
  }

  #drop(): void {
    this.#command = null;
    this.#record.running = null;
  }

  #keep(): KeepBytes {
    const half = Math.floor(this.#record.settings.keep_output_bytes / 2);
    return { head: half, tail: half };
  }

  #nextId(): string {
    this.#record.commands += 1;
    return `c${this.#record.commands}`;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof SandboxError && error.code === 'unknown_command';
}
