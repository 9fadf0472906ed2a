import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./serve-echo.ts', import.meta.url));

/** A server in a process of its own. */
export class EchoProcess implements AsyncDisposable {
  readonly lines: string[] = [];
  stderr = '';
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  private constructor(readonly child: ChildProcess) {
    child.stderr!.on('data', (data) => {
      this.stderr += data;
    });
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** Starts without waiting for it to listen. */
  static spawn(options: { drainMs?: number; env?: Record<string, string> } = {}): EchoProcess {
    const env = { ...process.env, ...options.env };
    const started = new EchoProcess(
      spawn(process.execPath, ['--import', 'tsx', SCRIPT, String(options.drainMs ?? 5_000)], { env, stdio: 'pipe' }),
    );
    createInterface({ input: started.child.stdout! }).on('line', (line) => started.lines.push(line));
    return started;
  }

  /** Starts and waits until it listens. */
  static async start(options: { drainMs?: number; env?: Record<string, string> } = {}): Promise<EchoProcess> {
    const started = EchoProcess.spawn(options);
    let isGone = false;
    void started.exited.then(() => {
      isGone = true;
    });
    while (started.lines.length === 0) {
      if (isGone) throw new Error(`The server did not start: ${started.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return started;
  }

  get url(): string {
    return this.lines[0]!;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }
}
