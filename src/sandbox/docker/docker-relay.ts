import { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { SandboxError } from '../sandbox.js';
import type { DockerEngine } from './docker-engine.js';

const HEADER_BYTES = 8;
const STDERR = 2;
const KEPT_STDERR_BYTES = 4096;

/** A byte stream to a unix socket inside a container, through the engine: a tiny program there passes bytes on. */
export async function openDockerRelay(
  engine: DockerEngine,
  container: string,
  argv: string[],
  abort?: AbortSignal,
): Promise<Duplex> {
  const open = async (docker: Docker, signal: AbortSignal): Promise<Duplex> => {
    const exec = await docker.getContainer(container).exec({
      Cmd: argv,
      User: '0:0',
      WorkingDir: '/',
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      abortSignal: signal,
    });
    // A signal would stay with the stream for all its life, so a late one is closed here instead.
    const stream = await exec.start({ hijack: true, stdin: true });
    if (signal.aborted) {
      stream.destroy();
      throw new SandboxError('deadline', 'the relay was opened too late');
    }
    return stream;
  };
  return new RelayStream(await engine.call('exec', open, abort));
}

/** Takes the engine's framing off the output of a program; its input goes as it is. */
class RelayStream extends Duplex {
  readonly #raw: Duplex;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #kind = 0;
  #left = 0;
  #stderr = '';

  constructor(raw: Duplex) {
    super({ allowHalfOpen: false });
    this.#raw = raw;
    raw.on('data', (chunk: Buffer) => {
      if (!this.#demultiplex(chunk)) raw.pause();
    });
    raw.on('end', () => this.#finish(null));
    raw.on('close', () => this.#finish(null));
    raw.on('error', (error) => this.#finish(error));
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#raw.write(chunk)) done();
    else this.#whenDrained(done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#raw.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }

  #whenDrained(done: () => void): void {
    const go = (): void => {
      this.#raw.off('drain', go);
      this.#raw.off('close', go);
      done();
    };
    this.#raw.on('drain', go);
    this.#raw.on('close', go);
  }

  #finish(error: Error | null): void {
    if (this.destroyed) return;
    if (error === null && this.#stderr === '') this.push(null);
    else this.destroy(error ?? new Error(`the relay ended: ${this.#stderr.trim()}`));
  }

  /** @returns whether more is wanted */
  #demultiplex(chunk: Buffer): boolean {
    let wanted = true;
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) {
        const taken = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at);
        chunk.copy(this.#header, this.#headerBytes, at, at + taken);
        this.#headerBytes += taken;
        at += taken;
        if (this.#headerBytes < HEADER_BYTES) break;
        this.#headerBytes = 0;
        this.#kind = this.#header[0]!;
        this.#left = this.#header.readUInt32BE(4);
        continue;
      }
      const part = chunk.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      if (this.#kind !== STDERR) wanted = this.push(part);
      else if (this.#stderr.length < KEPT_STDERR_BYTES) this.#stderr += part.toString('utf8');
    }
    return wanted;
  }
}
