import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A bash on a pipe and nothing else: the physical limit of a shell step. Its end marker is forgeable; ours is not. */
export class RawPipe {
  #text = '';
  #answered: (() => void) | null = null;

  private constructor(
    private readonly child: ChildProcess,
    private readonly stop: () => Promise<unknown>,
  ) {
    child.stdout?.setEncoding('latin1').on('data', (chunk: string) => {
      this.#text += chunk;
      if (this.#text.endsWith('\u0001DONE\n')) {
        this.#text = '';
        this.#answered?.();
      }
    });
  }

  /** bash in a new container of the image, reached by `docker run -i`. */
  static async docker(image: string): Promise<RawPipe> {
    const name = `gymsmith-bench-${process.pid}`;
    const child = spawn('docker', ['run', '-i', '--rm', '--network', 'none', '--name', name, image, 'bash'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const pipe = new RawPipe(child, () => run('docker', ['rm', '-f', name]));
    await pipe.step('true');
    return pipe;
  }

  /** bash in the root file system, under bubblewrap. */
  static async local(rootfs: string): Promise<RawPipe> {
    const inside = ['--ro-bind', rootfs, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--unshare-all'];
    const child = spawn('bwrap', [...inside, '--die-with-parent', 'bash'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const pipe = new RawPipe(child, async () => child.kill('SIGKILL'));
    await pipe.step('true');
    return pipe;
  }

  /** Runs one command and waits for its end. */
  step(command: string): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.child.stdin?.write(`${command}\nprintf '\\1DONE\\n'\n`);
    });
  }

  async close(): Promise<void> {
    await this.stop();
  }
}
