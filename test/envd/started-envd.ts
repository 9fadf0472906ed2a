import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { readConfig } from '../../src/config.js';
import { type Frame, RawClient } from './raw-client.js';

export const HOME = '/home/agent';
export const WORKSPACE = `${HOME}/workspace`;
const PROGRAM = path.resolve(import.meta.dirname, '../../docker/envd');
const CAPABILITIES = ['SETUID', 'SETGID', 'KILL', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SYS_PTRACE'];

export interface EnvdOptions {
  /** More arguments of the daemon. */
  args?: readonly string[];
  /** More arguments of bubblewrap. */
  bwrap?: readonly string[];
  /** A user of its own for the agent, whose processes are counted apart from those of other tests. */
  agentUid?: number;
  /** The daemon without root's rights, in a user namespace with one user. */
  isSingleUser?: boolean;
  /** The daemon as process 1 (default) or below bubblewrap's own process 1. */
  isPid1?: boolean;
}

/** The daemon in a pid namespace of its own, with a private disk, driven over its socket. */
export class StartedEnvd {
  readonly client: RawClient;
  #commands = 0;

  private constructor(
    readonly directory: string,
    readonly owner: number,
    readonly child: ChildProcess,
    readonly exited: Promise<number | null>,
    client: RawClient,
  ) {
    this.client = client;
  }

  static async start(options: EnvdOptions = {}): Promise<StartedEnvd> {
    const { args = [], bwrap = [], agentUid = 61_000, isPid1 = true, isSingleUser = false } = options;
    const owner = isSingleUser ? 0 : agentUid;
    const directory = await mkdtemp(path.join(os.tmpdir(), 'envd-test-'));
    const run = path.join(directory, 'run');
    const home = path.join(directory, 'home');
    await mkdir(run, { mode: 0o700 });
    await mkdir(path.join(home, 'workspace'), { recursive: true });
    for (const place of [home, path.join(home, 'workspace')]) await chown(place, owner, owner);
    const child = spawn('bwrap', [
      ...['--ro-bind', readConfig().rootfs, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/run'],
      ...['--perms', '1777', '--tmpfs', '/tmp', '--tmpfs', '/home', '--bind', home, HOME],
      ...['--bind', run, '/run/gymsmith', '--tmpfs', '/opt', '--ro-bind', PROGRAM, '/opt/gymsmith/envd'],
      ...['--unshare-pid', '--unshare-ipc', '--unshare-net', '--die-with-parent', ...(isPid1 ? ['--as-pid-1'] : [])],
      ...(isSingleUser
        ? ['--unshare-user', '--uid', '61000', '--gid', '61000']
        : ['--cap-drop', 'ALL', ...CAPABILITIES.flatMap((name) => ['--cap-add', `CAP_${name}`])]),
      ...['--clearenv', '--setenv', 'PATH', '/usr/local/bin:/usr/bin:/bin', ...bwrap],
      ...['--', 'python3', '-I', '-S', '/opt/gymsmith/envd/envd.py', '--socket', '/run/gymsmith/envd.sock'],
      ...[
        '--run-dir',
        '/run/gymsmith',
        '--agent-user',
        agentUid === 61_000 ? 'agent' : String(agentUid),
        ...(isSingleUser ? ['--single-user'] : []),
        ...args,
      ],
    ]);
    let log = '';
    child.stderr.on('data', (data) => {
      log += data;
    });
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    const socket = path.join(run, 'envd.sock');
    const deadline = Date.now() + 30_000;
    while (!existsSync(socket)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the daemon did not start: ${log}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const envd = new StartedEnvd(directory, owner, child, exited, await RawClient.connect(socket));
    envd.#log = () => log;
    return envd;
  }

  #log = () => '';

  get socket(): string {
    return path.join(this.directory, 'run', 'envd.sock');
  }

  /** Runs a command with generous limits; resolves with its result and the output as text. */
  async run(command: string, fields: Record<string, unknown> = {}): Promise<Frame['header'] & { text: string }> {
    const commandId = `command-${this.#commands++}`;
    const { header, body } = await this.client.request('run', {
      command_id: commandId,
      command,
      timeout_ms: 30_000,
      no_output_timeout_ms: null,
      ...fields,
    });
    if (header.ok) await this.client.request('ack', { command_id: header.command_id });
    return { ...header, text: body.toString('latin1') };
  }

  /** The output of a command that must end by itself. */
  async text(command: string): Promise<string> {
    const result = await this.run(command);
    expect(result).toMatchObject({ status: 'exited' });
    return Buffer.from(result.text, 'latin1').toString();
  }

  /** Runs one of the agent's commands without the shell; resolves with its output. */
  async tool(name: string, args: readonly string[] = [], fields: Record<string, unknown> = {}): Promise<string> {
    const { header, body } = await this.client.request('tool', { name, args, ...fields });
    expect(header).toMatchObject({ ok: true, timed_out: false });
    return body.toString();
  }

  /** The code of the error that a request is answered with. */
  async errorOf(op: string, fields: Record<string, unknown>, body?: Uint8Array): Promise<string> {
    const { header } = await this.client.request(op, fields, body);
    expect(header.ok).toBe(false);
    return header.error.code;
  }

  /** Writes a file of the agent's from outside. */
  async write(name: string, contents: string | Uint8Array): Promise<void> {
    const file = path.join(this.directory, 'home', 'workspace', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, contents);
    await chown(path.dirname(file), this.owner, this.owner);
    await chown(file, this.owner, this.owner);
  }

  /** Reads a file of the agent's from outside. */
  read(name: string): Promise<string> {
    return readFile(path.join(this.directory, 'home', 'workspace', name), 'utf8');
  }

  /** Ends everything; fails the test when the daemon has complained about itself. */
  async stop(): Promise<void> {
    // Bubblewrap's death does not always reach a daemon that is busy; its own end does.
    const asked = this.client.request('shutdown').then(
      () => this.exited,
      () => null,
    );
    await Promise.race([asked, this.exited, new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
    this.client.close();
    this.child.kill('SIGKILL');
    await this.exited;
    await rm(this.directory, { recursive: true, force: true });
    expect(this.#log()).toBe('');
  }
}
