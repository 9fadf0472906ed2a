import { glob } from '../env/evaluation/glob.js';
import type {
  CommandResult,
  ExecOptions,
  ExecResult,
  FindFilesResult,
  PutFile,
  RunOptions,
  Sandbox,
  SandboxSpec,
  SandboxUser,
  ToolCall,
  ToolResult,
} from '../sandbox/sandbox.js';
import { SandboxError, WORKSPACE } from '../sandbox/sandbox.js';

/** What a scripted command comes to; unset parts are those of a silent success. */
export type ScriptedResult = Partial<Omit<CommandResult, 'commandId' | 'output'>> & { output?: string | Uint8Array };

/** A running scripted command, in the hands of its script. */
export interface ScriptedCommand {
  command: string;
  sandbox: ScriptedSandbox;
  /** Fires when the command is interrupted. */
  interrupted: AbortSignal;
  /** Sends output ahead of the result. */
  emit(text: string): void;
}

/** The behaviour of a scripted sandbox. What is left out succeeds and says nothing. */
export interface SandboxScript {
  run?(command: ScriptedCommand): ScriptedResult | Promise<ScriptedResult>;
  exec?(options: ExecOptions, sandbox: ScriptedSandbox): Partial<ExecResult> | Promise<Partial<ExecResult>>;
  tool?(call: ToolCall, sandbox: ScriptedSandbox): Partial<Omit<ToolResult, 'output'>> & { output?: string };
  /** Called before each operation, by its name; what it throws fails the operation. */
  before?(operation: string, sandbox: ScriptedSandbox): void | Promise<void>;
}

interface ScriptedFile {
  contents: Uint8Array;
  mode: number;
  user: SandboxUser;
  /** A thing that is no regular file; it is found and refused. */
  refused?: string;
}

interface Kept {
  result: Promise<CommandResult>;
  interrupt: AbortController;
}

const encoder = new TextEncoder();

/** A sandbox in memory whose commands do what a script says. It keeps files, counts calls, and can be lost. */
export class ScriptedSandbox implements Sandbox {
  readonly lost: Promise<string>;
  readonly files = new Map<string, ScriptedFile>();
  /** Names of the operations, in order. */
  readonly calls: string[] = [];
  readonly commands: string[] = [];
  frozen = false;
  destroyed = 0;
  cwd: string = WORKSPACE;
  openFile: string | null = null;

  readonly #script: SandboxScript;
  readonly #kept = new Map<string, Kept>();
  #lose: (reason: string) => void = () => {};
  #gone: string | null = null;

  constructor(
    readonly id: string,
    readonly spec: SandboxSpec,
    script: SandboxScript = {},
  ) {
    this.#script = script;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  /** The sandbox is gone: everything under way fails, and everything after. */
  lose(reason = 'it was lost'): void {
    if (this.#gone !== null) return;
    this.#gone = reason;
    this.#lose(reason);
  }

  /** Puts a file of the agent into the workspace. @param refused why it is no regular file */
  write(path: string, contents: string, { mode = 0o644, refused }: { mode?: number; refused?: string } = {}): void {
    const file = { contents: encoder.encode(contents), mode, user: 'agent' as const, ...(refused && { refused }) };
    this.files.set(`${WORKSPACE}/${path}`, file);
  }

  async run(command: string, options: RunOptions): Promise<CommandResult> {
    await this.#enter('run');
    const known = this.#kept.get(options.commandId);
    if (known) return this.#untilLost(known.result);
    this.commands.push(command);
    const interrupt = new AbortController();
    let offset = 0;
    const emit = (text: string): void => {
      const chunk = encoder.encode(text);
      options.onOutput?.(chunk, offset);
      offset += chunk.length;
    };
    const result = (async () => {
      const handle = { command, sandbox: this, interrupted: interrupt.signal, emit };
      const { output, ...rest } = (await this.#script.run?.(handle)) ?? {};
      return this.#result(options.commandId, output, rest);
    })();
    result.catch(() => {});
    this.#kept.set(options.commandId, { result, interrupt });
    return this.#untilLost(result);
  }

  async attach(commandId: string): Promise<CommandResult> {
    await this.#enter('attach');
    const kept = this.#kept.get(commandId);
    if (!kept) throw new SandboxError('unknown_command', `there is no command ${commandId}`);
    return this.#untilLost(kept.result);
  }

  async interrupt(commandId: string): Promise<void> {
    await this.#enter('interrupt');
    const kept = this.#kept.get(commandId);
    if (!kept) throw new SandboxError('unknown_command', `there is no command ${commandId}`);
    kept.interrupt.abort();
  }

  acknowledge(commandId: string): void {
    this.#kept.delete(commandId);
  }

  async exec(options: ExecOptions): Promise<ExecResult> {
    await this.#enter('exec');
    const result = await this.#untilLost(Promise.resolve(this.#script.exec?.(options, this) ?? {}));
    const nothing = new Uint8Array();
    const silent = {
      status: 'exited',
      exitCode: 0,
      durationMs: 0,
      stdout: nothing,
      stderr: nothing,
      omittedBytes: 0,
    } as const;
    return { ...silent, ...result };
  }

  async tool(call: ToolCall): Promise<ToolResult> {
    await this.#enter('tool');
    const { output = '', ...rest } = this.#script.tool?.(call, this) ?? {};
    return { exitCode: 0, cwd: this.cwd, openFile: this.openFile, ...rest, output: encoder.encode(output) };
  }

  async putFiles(files: readonly PutFile[]): Promise<void> {
    await this.#enter('putFiles');
    for (const { path, contents, mode, user } of files) this.files.set(path, { contents, mode, user });
  }

  async makeDirectory(): Promise<void> {
    await this.#enter('makeDirectory');
  }

  async remove(path: string): Promise<void> {
    await this.#enter('remove');
    const found = [...this.files.keys()].filter((name) => name === path || name.startsWith(`${path}/`));
    if (found.length === 0) throw new SandboxError('no_such_file', `there is no ${path}`);
    for (const name of found) this.files.delete(name);
  }

  async getFile(path: string, maxBytes: number): Promise<Uint8Array> {
    await this.#enter('getFile');
    const file = this.files.get(path);
    if (!file) throw new SandboxError('no_such_file', `there is no ${path}`);
    if (file.refused) throw new SandboxError('forbidden_path', `${path} is a ${file.refused}`);
    if (file.contents.length > maxBytes) throw new SandboxError('too_large', `${path} is too large`);
    return file.contents;
  }

  async findFiles(
    root: string,
    patterns: readonly string[],
    caps: { maxFiles: number; maxBytes: number; exclude?: readonly string[] },
  ): Promise<FindFilesResult> {
    await this.#enter('findFiles');
    const tests = patterns.map(glob);
    const excluded = (caps.exclude ?? []).map(glob);
    const result: FindFilesResult = { files: [], refused: [], truncated: false };
    for (const [name, file] of this.files) {
      const path = name.slice(root.length + 1);
      if (!name.startsWith(`${root}/`) || !tests.some((test) => test(path)) || excluded.some((test) => test(path)))
        continue;
      if (file.refused) result.refused.push({ path, reason: file.refused });
      else if (file.contents.length > caps.maxBytes) result.refused.push({ path, reason: 'too_large' });
      else result.files.push({ path, sizeBytes: file.contents.length, mode: file.mode });
    }
    result.truncated = result.files.length > caps.maxFiles;
    result.files.splice(caps.maxFiles);
    return result;
  }

  async freeze(): Promise<void> {
    await this.#enter('freeze');
    this.frozen = true;
  }

  async thaw(): Promise<void> {
    await this.#enter('thaw');
    this.frozen = false;
  }

  async killAgent(): Promise<void> {
    await this.#enter('killAgent');
  }

  async snapshot(): Promise<Uint8Array> {
    await this.#enter('snapshot');
    return new Uint8Array();
  }

  async restore(): Promise<void> {
    await this.#enter('restore');
  }

  async setLifetime(): Promise<void> {
    await this.#enter('setLifetime');
  }

  async destroy(): Promise<void> {
    this.destroyed += 1;
    this.lose('it was destroyed');
  }

  async #enter(operation: string): Promise<void> {
    this.calls.push(operation);
    await this.#script.before?.(operation, this);
    if (this.#gone !== null) throw new SandboxError('lost', this.#gone);
  }

  async #untilLost<T>(work: Promise<T>): Promise<T> {
    const lost = this.lost.then((reason) => Promise.reject(new SandboxError('lost', reason)));
    return Promise.race([work, lost]);
  }

  #result(commandId: string, output: string | Uint8Array = '', rest: Partial<CommandResult>): CommandResult {
    const bytes = typeof output === 'string' ? encoder.encode(output) : output;
    return {
      commandId,
      status: 'exited',
      exitCode: 0,
      durationMs: 0,
      outputBytes: bytes.length,
      omittedBytes: 0,
      omittedAt: null,
      logPath: null,
      requests: [],
      cwd: this.cwd,
      openFile: this.openFile,
      shellRestarted: false,
      ...rest,
      output: bytes,
    };
  }
}
