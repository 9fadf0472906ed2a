import { watch } from 'node:fs';
import { access } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

/** Opens a stream to a unix socket. @throws the error of the connection; the reason of the signal */
export function connectUnixSocket(file: string, signal: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const socket = net.connect({ path: file });
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(error);
    };
    const abort = (): void => fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/** Waits until a unix socket that does not exist yet appears, and connects. @throws the reason of the signal */
export async function awaitUnixSocket(file: string, signal: AbortSignal): Promise<net.Socket> {
  await appearance(file, signal);
  return connectUnixSocket(file, signal);
}

function appearance(file: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const watcher = watch(path.dirname(file));
    const finish = (end: () => void): void => {
      signal.removeEventListener('abort', abort);
      watcher.close();
      end();
    };
    const abort = (): void => finish(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    watcher.on('error', (error) => finish(() => reject(error)));
    const look = (): void => {
      access(file).then(
        () => finish(resolve),
        () => {},
      );
    };
    watcher.on('change', look);
    look();
  });
}
