import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type EnvdFrame, type EnvdHeader, encodeFrame, FrameParser } from '../../src/sandbox/envd/envd-frame.js';
import type { EnvdTransport } from '../../src/sandbox/envd/envd-link.js';
import { connectUnixSocket } from '../../src/sandbox/envd/unix-socket.js';

/** What a fake daemon does with a request; what it does not answer stays open. */
export type Handler = (
  frame: EnvdFrame,
  reply: (header: EnvdHeader, body?: Uint8Array) => void,
  socket: net.Socket,
) => void;

/** A daemon that only speaks the wire, for the faults that a real one does not have. */
export class FakeDaemon implements EnvdTransport {
  readonly reachableWithinMs = 400;
  /** Requests as they came, over all connections. */
  readonly seen: EnvdHeader[] = [];
  connections = 0;
  destroyed = 0;
  gone: string | null = null;
  welcome: EnvdHeader = {
    event: 'welcome',
    wire: 1,
    instance: 'one',
    agent_uid: 61_000,
    started_at_ms: 0,
    commands: [],
  };
  handle: Handler = (_frame, reply) => reply({});
  #server: net.Server | null = null;
  #directory = '';
  readonly #sockets = new Set<net.Socket>();

  async start(): Promise<this> {
    this.#directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-fake-'));
    this.#server = net.createServer((socket) => this.#serve(socket));
    await new Promise<void>((resolve) => this.#server!.listen(this.#path, resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.dropAll();
    await new Promise((resolve) => this.#server?.close(resolve));
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Ends every connection, as a fault of the network would. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  connect(signal: AbortSignal): Promise<net.Socket> {
    return connectUnixSocket(this.#path, signal);
  }

  async whyGone(): Promise<string | null> {
    return this.gone;
  }

  async destroy(): Promise<void> {
    this.destroyed++;
  }

  /** Sends a frame to everybody. */
  broadcast(header: EnvdHeader, body: Uint8Array = new Uint8Array(0)): void {
    for (const socket of this.#sockets) for (const piece of encodeFrame(header, body)) socket.write(piece);
  }

  get #path(): string {
    return path.join(this.#directory, 'envd.sock');
  }

  #serve(socket: net.Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    for (const piece of encodeFrame(this.welcome, new Uint8Array(0))) socket.write(piece);
    const parser = new FrameParser();
    socket.on('data', (chunk) => {
      parser.push(chunk, (frame) => {
        this.seen.push(frame.header);
        const reply = (header: EnvdHeader, body: Uint8Array = new Uint8Array(0)): void => {
          if (socket.destroyed) return;
          for (const piece of encodeFrame({ id: frame.header.id, ok: true, ...header }, body)) socket.write(piece);
        };
        this.handle(frame, reply, socket);
      });
    });
  }
}
