import { posix } from 'node:path';
import type { Duplex } from 'node:stream';
import {
  type CommandResult,
  type ExecOptions,
  type ExecResult,
  type FindFilesResult,
  type PutFile,
  type RunOptions,
  type Sandbox,
  SandboxError,
  type SandboxSpec,
  type SandboxUser,
  type ToolCall,
  type ToolResult,
  WORKSPACE,
} from '../sandbox.js';
import { ConnectionDropped } from './envd-connection.js';
import { type EnvdFrame, type EnvdHeader, MAX_BODY_BYTES } from './envd-frame.js';
import { EnvdLink, type EnvdTransport } from './envd-link.js';
import { inOrder } from './ordered-output.js';

/** Added to a command's own limit: killing its tree, replacing a shell that does not come back, sending the result. */
const COMMAND_GRACE_MS = 15_000;
/** Requests that touch one file or change a state. */
const REQUEST_DEADLINE_MS = 30_000;
/** Times that contents are sent from their beginning when the connection drops. */
const MOST_SENDS = 3;
/** Requests that read or write a whole tree. */
const TREE_DEADLINE_MS = 300_000;

/** A sandbox behind its daemon; the backend gives it the way there and the means to remove it. */
export class EnvdSandbox implements Sandbox {
  readonly lost: Promise<string>;

  readonly #link: EnvdLink;
  readonly #transport: EnvdTransport;
  #destroyed: Promise<void> | null = null;

  private constructor(
    readonly id: string,
    readonly spec: SandboxSpec,
    link: EnvdLink,
    transport: EnvdTransport,
  ) {
    this.#link = link;
    this.#transport = transport;
    this.lost = link.lost;
  }

  /**
   * Connects to the daemon of a sandbox that runs.
   * @param first a stream to it that is open already
   * @throws SandboxError, or what the transport throws
   */
  static async connect(
    id: string,
    spec: SandboxSpec,
    transport: EnvdTransport,
    signal: AbortSignal,
    first?: Duplex,
  ): Promise<EnvdSandbox> {
    return new EnvdSandbox(id, spec, await EnvdLink.open(transport, signal, first), transport);
  }

  async run(command: string, options: RunOptions): Promise<CommandResult> {
    const { commandId, timeoutMs, onOutput } = options;
    const reply = await this.#link.request(
      {
        op: 'run',
        command_id: commandId,
        command,
        timeout_ms: wholeMs(timeoutMs),
        no_output_timeout_ms: options.noOutputTimeoutMs === undefined ? null : wholeMs(options.noOutputTimeoutMs),
        keep_bytes: options.keepBytes,
        stream: onOutput !== undefined,
        syntax_check: options.syntaxCheck ?? true,
        check_only: options.checkOnly ?? false,
        aside: options.aside ?? false,
        exports: options.exports ?? {},
        variables: options.variables ?? {},
      },
      {
        deadlineMs: timeoutMs + COMMAND_GRACE_MS,
        output: onOutput && { commandId, listener: inOrder(onOutput) },
      },
    );
    return toCommandResult(reply);
  }

  async attach(
    commandId: string,
    { timeoutMs, onOutput }: Pick<RunOptions, 'timeoutMs' | 'onOutput'>,
  ): Promise<CommandResult> {
    const reply = await this.#link.request(
      { op: 'attach', command_id: commandId, stream: onOutput !== undefined },
      { deadlineMs: timeoutMs, output: onOutput && { commandId, listener: inOrder(onOutput) } },
    );
    return toCommandResult(reply);
  }

  async interrupt(commandId: string): Promise<void> {
    await this.#ask({ op: 'interrupt', command_id: commandId });
  }

  acknowledge(commandId: string): void {
    this.#link.tell({ op: 'ack', command_id: commandId });
  }

  async exec(options: ExecOptions): Promise<ExecResult> {
    const { header, body } = await this.#link.request(
      {
        op: 'exec',
        command_id: options.commandId,
        argv: options.argv,
        cwd: options.cwd,
        env: options.env ?? {},
        user: options.user,
        timeout_ms: wholeMs(options.timeoutMs),
        keep_bytes: options.keepBytes,
        merge_stderr: options.mergeStderr ?? false,
        stdin_bytes: 0,
      },
      { deadlineMs: options.timeoutMs + COMMAND_GRACE_MS },
    );
    const stdoutBytes = Number(header.stdout_bytes);
    this.acknowledge(options.commandId);
    return {
      status: header.status as ExecResult['status'],
      exitCode: header.exit_code as number | null,
      durationMs: Number(header.duration_ms),
      stdout: body.subarray(0, stdoutBytes),
      stderr: body.subarray(stdoutBytes),
      omittedBytes: Number(header.omitted_bytes),
    };
  }

  async tool(call: ToolCall): Promise<ToolResult> {
    const { header, body } = await this.#link.request(
      { op: 'tool', name: call.name, args: call.args, stdin: call.stdin ?? null, variables: call.variables ?? {} },
      { deadlineMs: REQUEST_DEADLINE_MS, repeatable: false },
    );
    return {
      exitCode: Number(header.exit_code),
      output: body,
      cwd: String(header.cwd),
      openFile: header.open_file as string | null,
    };
  }

  async putFiles(files: readonly PutFile[]): Promise<void> {
    await Promise.all(files.map((file) => this.#putFile(file)));
  }

  async makeDirectory(path: string, mode: number, user: SandboxUser): Promise<void> {
    await this.#ask({ op: 'mkdir', path, mode, user });
  }

  async remove(path: string): Promise<void> {
    await this.#ask({ op: 'remove', path }, TREE_DEADLINE_MS);
  }

  getFile(path: string, maxBytes: number): Promise<Uint8Array> {
    return this.#read({ op: 'get', path }, maxBytes, path);
  }

  async findFiles(
    root: string,
    patterns: readonly string[],
    caps: { maxFiles: number; maxBytes: number; exclude?: readonly string[] },
  ): Promise<FindFilesResult> {
    const { header } = await this.#ask(
      { op: 'glob', root, patterns, exclude: caps.exclude ?? [], max_files: caps.maxFiles, max_bytes: caps.maxBytes },
      TREE_DEADLINE_MS,
    );
    const files = header.files as { path: string; size: number; mode: number }[];
    return {
      files: files.map(({ path, size, mode }) => ({ path, sizeBytes: size, mode })),
      refused: header.refused as FindFilesResult['refused'],
      truncated: Boolean(header.truncated),
    };
  }

  async freeze(): Promise<void> {
    await this.#ask({ op: 'freeze' });
  }

  async thaw(): Promise<void> {
    await this.#ask({ op: 'thaw' });
  }

  async killAgent(): Promise<void> {
    await this.#ask({ op: 'kill_agent' });
  }

  async snapshot(maxBytes: number): Promise<Uint8Array> {
    const { header } = await this.#ask({ op: 'archive', root: WORKSPACE, max_bytes: maxBytes }, TREE_DEADLINE_MS);
    return this.#read({ op: 'get_archive', archive_id: header.archive_id }, maxBytes, WORKSPACE);
  }

  async restore(snapshot: Uint8Array): Promise<void> {
    await this.#send(snapshot, { op: 'unarchive', root: WORKSPACE, user: 'agent' }, TREE_DEADLINE_MS);
  }

  async setLifetime(lifetimeMs: number): Promise<void> {
    await this.#ask({ op: 'lifetime', ms: wholeMs(lifetimeMs) });
  }

  destroy(): Promise<void> {
    this.#destroyed ??= (async () => {
      this.#link.end('lost', 'the sandbox was destroyed');
      await this.#transport.destroy();
    })();
    return this.#destroyed;
  }

  /** Gives up the connection and leaves the sandbox as it is, for another process to adopt. */
  disconnect(): void {
    this.#link.end('unavailable', 'this process gave up its connection to the sandbox');
  }

  /** Drops the connection as a faulty network would; the next request goes over a new one. */
  dropConnection(): void {
    this.#link.drop();
  }

  #ask(fields: EnvdHeader, deadlineMs = REQUEST_DEADLINE_MS): Promise<EnvdFrame> {
    return this.#link.request(fields, { deadlineMs });
  }

  async #putFile(file: PutFile): Promise<void> {
    if (!posix.isAbsolute(file.path))
      throw new SandboxError('forbidden_path', `"${file.path}" is not an absolute path`);
    const fields = { op: 'put', path: file.path, mode: file.mode, user: file.user, make_parents: true };
    await this.#send(file.contents, fields, REQUEST_DEADLINE_MS);
  }

  /** Sends contents in parts. A dropped connection begins the whole again: which parts arrived is not known. */
  async #send(contents: Uint8Array, fields: EnvdHeader, deadlineMs: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        for (let offset = 0; offset === 0 || offset < contents.length; offset += MAX_BODY_BYTES) {
          const body = contents.subarray(offset, offset + MAX_BODY_BYTES);
          const last = offset + body.length >= contents.length;
          await this.#link.request({ ...fields, offset, last }, { deadlineMs, body, repeatable: false });
        }
        return;
      } catch (error) {
        const dropped = error instanceof SandboxError && error.cause instanceof ConnectionDropped;
        if (!dropped || attempt === MOST_SENDS) throw error;
      }
    }
  }

  async #read(fields: EnvdHeader, maxBytes: number, what: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (;;) {
      const { header, body } = await this.#ask({ ...fields, offset, max_bytes: MAX_BODY_BYTES });
      const size = Number(header.size ?? 0);
      offset += body.length;
      if (size > maxBytes || offset > maxBytes) {
        throw new SandboxError('too_large', `${what} has ${Math.max(size, offset)} bytes, ${maxBytes} are allowed`);
      }
      parts.push(body);
      if (header.eof === true || body.length === 0) break;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts, offset);
  }
}

/** A time as the wire carries it. */
function wholeMs(ms: number): number {
  return Math.min(Math.ceil(ms), Number.MAX_SAFE_INTEGER);
}

function toCommandResult({ header, body }: EnvdFrame): CommandResult {
  return {
    commandId: String(header.command_id),
    status: header.status as CommandResult['status'],
    exitCode: header.exit_code as number | null,
    durationMs: Number(header.duration_ms),
    output: body,
    outputBytes: Number(header.output_bytes),
    omittedBytes: Number(header.omitted_bytes),
    omittedAt: header.omitted_at as number | null,
    logPath: header.log_path as string | null,
    requests: header.requests as CommandResult['requests'],
    cwd: String(header.cwd),
    openFile: header.open_file as string | null,
    shellRestarted: Boolean(header.shell_restarted),
  };
}
