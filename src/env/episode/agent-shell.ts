import { posix } from 'node:path';
import { log } from '../../log.js';
import { RpcError } from '../../protocol/index.js';
import {
  type KeepBytes,
  type RunOptions,
  type Sandbox,
  SandboxError,
  type ToolCall,
  type ToolResult,
} from '../../sandbox/sandbox.js';
import type { StepOptions } from '../env.js';
import { isAgentsDoing } from '../evaluation/collect-submission.js';
import { ATTACH_SLACK_MS, NO_OUTPUT_TIMEOUT_MS, SETUP_TIMEOUT_MS } from '../limits.js';
import {
  COMMAND_LOST,
  commandText,
  outputText,
  runningText,
  shellLost,
  TOOL_TIMED_OUT,
} from '../observation/observation.js';
import { ofAgent } from '../workspace/sandbox-faults.js';
import type { ShellPlan } from './classify-action.js';
import type { EpisodeRecord } from './episode-record.js';
import type { StepOutcome } from './episode-report.js';
import { PartialOutput } from './partial-output.js';
import { RunningCommand } from './running-command.js';
import { ShellSetup } from './shell-setup.js';
import { StateQuery } from './state-query.js';

/** What a command came to, and what it asked the environment for. */
export interface ShellOutcome extends StepOutcome {
  requests: readonly ('submit' | 'validate')[];
  shellLost: boolean;
}

const ASKS_NOTHING = { requests: [], shellLost: false } as const;

/** The end of what a set-up shows says what it came to. */
const SETUP_KEEP_BYTES = { head: 1024, tail: 4096 };

/** Status of a tool that ran into its limit. */
const TIMED_OUT = 124;

/** The agent's hands: its shell and its tools. Where the shell stands is kept in the record of the episode. */
export class AgentShell {
  readonly #sandbox: Sandbox;
  readonly #record: EpisodeRecord;
  readonly #setup: ShellSetup;
  readonly #state: StateQuery;
  #command: RunningCommand | null = null;
  /** What CURRENT_FILE is in the shell. */
  #toldFile: string | null = null;

  /** @param record its `cwd`, `open_file`, `commands`, `running` and the like are kept up to date */
  constructor(sandbox: Sandbox, record: EpisodeRecord) {
    this.#sandbox = sandbox;
    this.#record = record;
    this.#setup = new ShellSetup(record.settings);
    this.#state = new StateQuery(sandbox, record);
  }

  /**
   * Gives a fresh shell, and the tools, what this episode's differ in.
   * @throws RpcError `invalid_params` when the shell does not take what the client brought; `sandbox_unavailable`
   */
  async setUp(): Promise<void> {
    const { files } = this.#setup;
    if (files.length > 0) await ofAgent(() => this.#sandbox.putFiles(files));
    await this.#setUpShell();
  }

  async #setUpShell(): Promise<void> {
    const { text } = this.#setup;
    const variables = this.#setup.variables ?? {};
    this.#toldFile = null;
    if (text === null) {
      if (this.#setup.variables) await ofAgent(() => this.#sandbox.tool({ name: 'state', args: [], variables }));
      return;
    }
    const commandId = this.#nextId();
    const options = { commandId, timeoutMs: SETUP_TIMEOUT_MS, keepBytes: SETUP_KEEP_BYTES, variables };
    const result = await ofAgent(() => this.#sandbox.run(text, { ...options, syntaxCheck: false }));
    this.#sandbox.acknowledge(commandId);
    const fault = this.#setup.fault(result);
    if (fault) throw fault;
    this.#record.shadowed = this.#setup.shadowed(result);
  }

  /** Brings what the record says of the shell's state up to date; for when no command runs. Never rejects. */
  async refreshState(): Promise<void> {
    const result = await this.#state.ask(() => this.#exports());
    // Whether the sandbox is lost shows with the next action.
    if (result?.shellRestarted) await this.#setUpAgain().catch(() => {});
  }

  /** Waits until what an earlier process asked the shell is answered. Never rejects. */
  settle(): Promise<void> {
    return this.#state.settle();
  }

  /**
   * Begins a command; `result` gives what comes of it.
   * @param key the action that it came from
   * @param cutMs the episode ends in so many milliseconds, and the command with it
   * @param streams whether somebody may want its output before it ends
   * @param save keeps the record, which names the command, before the sandbox hears of it
   */
  start(
    { command: text, timeoutS, first, unended }: ShellPlan,
    key: string,
    { cutMs, streams, save }: { cutMs: number; streams: boolean; save: () => void },
  ): void {
    const keepBytes = this.#keep();
    const untilMs = performance.now() + cutMs;
    const isRefused = unended !== undefined && this.#record.open_file !== null;
    const begin = (lastAction: string | null): string => {
      const command_id = this.#nextId();
      this.#record.running = { command_id, timeout_s: timeoutS, action: key, last_action: lastAction };
      save();
      return command_id;
    };
    const optionsOf = (commandId: string, limitS: number): RunOptions => {
      const timeoutMs = Math.max(1, Math.min(limitS * 1000, untilMs - performance.now()));
      const isLong = timeoutMs > NO_OUTPUT_TIMEOUT_MS;
      const variables = { LAST_ACTION: this.#record.last_action };
      const facts = { commandId, timeoutMs, keepBytes, variables, exports: isRefused ? {} : this.#exports() };
      return { ...facts, ...(isLong && { noOutputTimeoutMs: NO_OUTPUT_TIMEOUT_MS }) };
    };
    let commandId = begin(first || isRefused ? null : asLastAction(text));
    const command = new RunningCommand(commandId, timeoutS, keepBytes, async (onOutput) => {
      const listener = streams ? { onOutput } : {};
      if (first) {
        const options = optionsOf(commandId, first.timeoutS);
        const result = await this.#sandbox.run(first.text, { ...options, ...listener, syntaxCheck: false });
        if (result.status !== 'exited' || result.exitCode !== 0) return result;
        this.#sandbox.acknowledge(commandId);
        commandId = begin(asLastAction(text));
        command.commandId = commandId;
      }
      const options = optionsOf(commandId, timeoutS);
      return this.#sandbox.run(text, { ...options, ...listener, ...(isRefused && { checkOnly: true }) });
    });
    command.answer = isRefused ? unended : null;
    this.#command = command;
  }

  /** Takes up the command that the record says is running; `result` gives what comes of it. */
  attach({ command_id, timeout_s }: NonNullable<EpisodeRecord['running']>): void {
    const timeoutMs = timeout_s * 1000 + ATTACH_SLACK_MS;
    this.#command = new RunningCommand(command_id, timeout_s, this.#keep(), (onOutput) =>
      this.#sandbox.attach(command_id, { timeoutMs, onOutput }),
    );
  }

  /** Waits for the command that was begun or attached to. @throws RpcError `sandbox_unavailable` */
  async result(): Promise<ShellOutcome> {
    const command = this.#command;
    if (!command) throw new Error('no command was begun');
    try {
      const result = await command.result;
      this.#record.cwd = result.cwd;
      this.#record.open_file = result.openFile;
      const lastAction = this.#record.running?.last_action ?? null;
      if (result.status === 'exited' && lastAction !== null) this.#record.last_action = lastAction;
      if (result.status === 'syntax_error') this.#toldFile = null;
      if (result.shellRestarted) await this.#setUpAgain();
      return {
        text: (result.status === 'exited' && command.answer) || commandText(result, command.timeoutS),
        exitCode: result.exitCode,
        omittedBytes: result.omittedBytes,
        requests: result.requests,
        shellLost: shellLost(result),
      };
    } catch (error) {
      if (isUnknown(error)) return { ...ASKS_NOTHING, text: COMMAND_LOST };
      return ofAgent(() => Promise.reject(error));
    } finally {
      this.#command = null;
    }
  }

  /** What the running command showed so far; null when none runs. */
  partial(): StepOutcome | null {
    if (!this.#command) return null;
    const { output } = this.#command;
    return { text: runningText(output), omittedBytes: output.omittedBytes, running: true };
  }

  /** Passes the output of the running command on, and ends the command when the signal fires. @returns stops both */
  watch({ onOutput, signal }: StepOptions): () => void {
    const command = this.#command;
    // Whether it could be ended shows in its result.
    const abort = (): void => void this.interrupt().catch(() => {});
    if (command) command.listener = onOutput;
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    return () => {
      if (command) command.listener = undefined;
      signal?.removeEventListener('abort', abort);
    };
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

  /**
   * Runs SWE-agent commands without a shell, each only after the one before it showed a file. `path` is opened first.
   */
  async tool(path: string | null, calls: readonly ToolCall[]): Promise<ShellOutcome> {
    const isOpen = path === null || posix.resolve(this.#record.cwd, path) === this.#record.open_file;
    const all = isOpen ? calls : [{ name: 'open', args: [path] }, ...calls];
    let outcome: ShellOutcome = { ...ASKS_NOTHING, text: '' };
    for (const { name, args, stdin } of all) {
      const variables = { LAST_ACTION: this.#record.last_action };
      outcome = this.#shown(
        await ofAgent(() => this.#sandbox.tool({ name, args, ...(stdin !== undefined && { stdin }), variables })),
      );
      if (outcome.text !== TOOL_TIMED_OUT) this.#record.last_action = args.length > 0 ? '' : asLastAction(name);
      if (!outcome.text.startsWith('[File: ')) break;
    }
    return outcome;
  }

  /** A shell that the agent made impossible to set up is still one. @throws RpcError `sandbox_unavailable` */
  async #setUpAgain(): Promise<void> {
    const tell = (error: unknown) =>
      log.warn({ err: error, episode: this.#record.episode_id }, 'a shell was not set up again');
    try {
      await this.#sandbox.putFiles(this.#setup.files).catch((error: unknown) => {
        // What lies in their place, and how full the disk is, is the agent's doing and not a loss of its sandbox.
        if (!isAgentsDoing(error) && !(error instanceof SandboxError && error.code === 'io_error')) throw error;
        tell(error);
      });
      await this.#setUpShell();
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== 'invalid_params') return ofAgent(() => Promise.reject(error));
      tell(error);
    }
  }

  /** What commands that the client brought go by, and the shell does not know yet. */
  #exports(): Record<string, string> {
    const { open_file } = this.#record;
    if (!this.#setup.isCustom || open_file === null || open_file === this.#toldFile) return {};
    this.#toldFile = open_file;
    // A name that is not valid Unicode cannot be told.
    return /\p{Surrogate}/u.test(open_file) ? {} : { CURRENT_FILE: open_file };
  }

  #shown({ exitCode, output, cwd, openFile }: ToolResult): ShellOutcome {
    this.#record.cwd = cwd;
    this.#record.open_file = openFile;
    const partial = new PartialOutput(this.#keep());
    partial.push(output, 0);
    const kept = partial.kept();
    const isLate = exitCode === TIMED_OUT && output.length === 0;
    const text = isLate ? TOOL_TIMED_OUT : outputText(kept);
    return { ...ASKS_NOTHING, text, omittedBytes: kept.omittedBytes, exitCode };
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

/** What is remembered of an action: only whether it was a bare scrolling matters. */
function asLastAction(text: string): string {
  return text === 'scroll_up' || text === 'scroll_down' ? text : '';
}

function isUnknown(error: unknown): boolean {
  return error instanceof SandboxError && error.code === 'unknown_command';
}
