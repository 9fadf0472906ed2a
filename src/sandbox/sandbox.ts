/** What a sandbox may use. */
export interface SandboxResources {
  /** CPU cores; fractions allowed. */
  cpus: number;
  memoryBytes: number;
  /** Size of the writable file system (home directory and /tmp together). */
  diskBytes: number;
  /** Processes and threads at once. */
  pids: number;
  /** UUIDs of the GPUs that the caller leased for it. */
  gpus: readonly string[];
}

/** A host directory that the sandbox sees read-only. */
export interface ReadOnlyMount {
  hostPath: string;
  path: string;
}

/** A host directory that the sandbox may write to: for what is made in it once and kept. No agent ever gets one. */
export interface WritableMount {
  hostPath: string;
  path: string;
}

/** What the programs of a sandbox find beside what its image sets. */
export interface SandboxEnvironment {
  /** Directories of programs that come before those of the image. */
  programs: readonly string[];
  variables: Readonly<Record<string, string>>;
}

/** What to make. Two specs with the same `poolKey` are interchangeable until a task is bound. */
export interface SandboxSpec {
  image: string;
  resources: SandboxResources;
  network: 'none' | 'open';
  mounts: readonly ReadOnlyMount[];
  /** Outside of the workspace. */
  writable?: readonly WritableMount[] | undefined;
  environment?: SandboxEnvironment | undefined;
  /** Hard limit of its life, enforced from inside. */
  lifetimeMs: number;
  /** Found again by `list`; `owner` names the server that made it. */
  labels: Readonly<Record<string, string>>;
}

/** How much of an output is kept: its beginning and its end. */
export interface KeepBytes {
  head: number;
  tail: number;
}

export type CommandStatus =
  | 'exited'
  | 'timed_out'
  | 'no_output_timeout'
  | 'interrupted'
  | 'interrupt_failed'
  | 'shell_exited'
  | 'syntax_error';

export interface RunOptions {
  /** Chosen by the caller; a known id attaches to the running command or returns its kept result. */
  commandId: string;
  timeoutMs: number;
  noOutputTimeoutMs?: number;
  keepBytes: KeepBytes;
  syntaxCheck?: boolean;
  /** Parses the text and executes nothing of it. */
  checkOnly?: boolean;
  /** Not the agent's doing: the text runs in a subshell, its stdout is all of the output, and `$?` stays as it is. */
  aside?: boolean;
  /** Put into the environment of the shell before the text begins. */
  exports?: Readonly<Record<string, string>>;
  /** As those of `ToolCall`, for what the text calls and for later. */
  variables?: ToolVariables;
  onOutput?: (chunk: Uint8Array, offset: number) => void;
}

export interface CommandResult {
  commandId: string;
  status: CommandStatus;
  exitCode: number | null;
  durationMs: number;
  /** Head and tail of the output; the cut, if any, is at `omittedAt`. */
  output: Uint8Array;
  outputBytes: number;
  omittedBytes: number;
  omittedAt: number | null;
  /** Full output inside the sandbox, when it was larger than what is kept. */
  logPath: string | null;
  /** `submit` and `validate` called as commands inside the line, in order. */
  requests: ('submit' | 'validate')[];
  cwd: string;
  openFile: string | null;
  shellRestarted: boolean;
}

export type SandboxUser = 'agent' | 'evaluator' | 'root';

export interface ExecOptions {
  commandId: string;
  argv: readonly string[];
  cwd: string;
  user: SandboxUser;
  env?: Readonly<Record<string, string>>;
  timeoutMs: number;
  keepBytes: KeepBytes;
  mergeStderr?: boolean;
}

export interface ExecResult {
  status: 'exited' | 'timed_out';
  exitCode: number | null;
  durationMs: number;
  stdout: Uint8Array;
  stderr: Uint8Array;
  omittedBytes: number;
}

/** What SWE-agent's commands go by: WINDOW, OVERLAP, and LAST_ACTION for what the agent did without the sandbox. */
export type ToolVariables = Readonly<Record<string, number | string>>;

/** One SWE-agent command that runs without a shell. */
export interface ToolCall {
  name: string;
  args: readonly string[];
  stdin?: string;
  /** Stay for later calls. */
  variables?: ToolVariables;
}

export interface ToolResult {
  exitCode: number;
  output: Uint8Array;
  cwd: string;
  openFile: string | null;
}

export interface PutFile {
  path: string;
  contents: Uint8Array;
  mode: number;
  user: SandboxUser;
}

export interface FoundFile {
  /** Relative to the root of the search. */
  path: string;
  sizeBytes: number;
  mode: number;
}

export interface FindFilesResult {
  files: FoundFile[];
  /** Matches that are not taken: links, devices, files beyond the cap. */
  refused: { path: string; reason: string }[];
  truncated: boolean;
}

/**
 * An isolated place that runs commands. Methods reject with `SandboxError` when the sandbox failed; what a command did wrong is in
 * its result. Every method takes its deadline from its options or a named constant: none waits for ever.
 */
export interface Sandbox {
  /** Unique, found again by the backend's `adopt`. */
  readonly id: string;
  readonly spec: SandboxSpec;
  /** Settles when the sandbox is gone, with the reason. */
  readonly lost: Promise<string>;

  /** Runs shell text in the persistent shell of the agent. One at a time (`busy` otherwise). */
  run(command: string, options: RunOptions): Promise<CommandResult>;
  /** Takes up a command that was started earlier, also by another server process. */
  attach(commandId: string, options: Pick<RunOptions, 'timeoutMs' | 'onOutput'>): Promise<CommandResult>;
  /** Ends a running command; its `run` resolves with status `interrupted`. */
  interrupt(commandId: string): Promise<void>;
  /** Lets the sandbox forget the kept result. */
  acknowledge(commandId: string): void;
  /** Runs a program outside the shell. */
  exec(options: ExecOptions): Promise<ExecResult>;
  /** Runs one SWE-agent command without a shell. */
  tool(call: ToolCall): Promise<ToolResult>;

  putFiles(files: readonly PutFile[]): Promise<void>;
  makeDirectory(path: string, mode: number, user: SandboxUser): Promise<void>;
  remove(path: string): Promise<void>;
  /** Reads a regular file; links are refused. @throws SandboxError `no_such_file`, `too_large`, `forbidden_path` */
  getFile(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Finds regular files. `exclude`: patterns of what is left out before anything is counted. */
  findFiles(
    root: string,
    patterns: readonly string[],
    caps: { maxFiles: number; maxBytes: number; exclude?: readonly string[] },
  ): Promise<FindFilesResult>;

  /** Stops every process of the agent where it stands. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Kills every process of the agent and gives a fresh shell in the workspace. */
  killAgent(): Promise<void>;
  /** A tar of the workspace between commands. Processes and GPU memory are not part of it. */
  snapshot(maxBytes: number): Promise<Uint8Array>;
  /** Puts the tree of a snapshot into the workspace. */
  restore(snapshot: Uint8Array): Promise<void>;
  /** Moves the hard limit of its life to `lifetimeMs` from now. */
  setLifetime(lifetimeMs: number): Promise<void>;

  /** Idempotent, never rejects. Resolves when nothing of the sandbox is left. */
  destroy(): Promise<void>;
}

/** A sandbox that exists, whether or not this process made it. */
export interface SandboxRecord {
  id: string;
  labels: Record<string, string>;
  createdAtMs: number;
}

/** Makes sandboxes of one kind. Every implementation passes `test/sandbox/conformance.ts`. */
export interface SandboxBackend {
  readonly name: 'docker' | 'local' | 'slurm' | 'kubernetes';
  /** @throws SandboxError `unavailable`, `no_such_image`, `resources` */
  create(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox>;
  /** Connects to a sandbox that an earlier server process made. @throws SandboxError `lost` */
  adopt(id: string): Promise<Sandbox>;
  /** Sandboxes that carry all the labels. */
  list(labels: Readonly<Record<string, string>>): Promise<SandboxRecord[]>;
  /** Removes one by id; idempotent, never rejects. */
  destroy(id: string): Promise<void>;
  /**
   * What an image was made from: two images of one name and different identities hold different programs.
   * @throws SandboxError `unavailable`, `no_such_image`
   */
  identify(image: string): Promise<string>;
  /** Whether this backend can work here, and if not, why and what to do. */
  probe(): Promise<{ available: boolean; detail: string; remedy: string | null }>;
  /** Closes connections; sandboxes stay. */
  close(): Promise<void>;
}

export type SandboxErrorCode =
  | 'unavailable'
  | 'no_such_image'
  | 'resources'
  | 'lost'
  | 'busy'
  | 'unknown_command'
  | 'deadline'
  | 'no_such_file'
  | 'not_a_file'
  | 'too_large'
  | 'forbidden_path'
  | 'io_error'
  | 'protocol';

/** A fault on our side of the sandbox; never the agent's doing. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';

  constructor(
    readonly code: SandboxErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Root of the agent's world in every sandbox. */
export const WORKSPACE = '/home/agent/workspace';
