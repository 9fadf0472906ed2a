import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { SUBPROTOCOLS } from '../protocol/index.js';
import { AddressError } from './address-error.js';
import type { ServerApp } from './app.js';
import { Heartbeat } from './heartbeat.js';

/** A server that listens. */
export interface Listening {
  host: string;
  port: number;
  /** `http://host:port` */
  url: string;
  /** Takes no new connection; open ones go on. */
  stopAccepting(): void;
  /** Ends every connection and the listening. Idempotent, never rejects. */
  close(): Promise<void>;
}

/**
 * Listens with HTTP and WebSockets.
 * @param port 0: one that is free
 * @throws Error saying why the address cannot be had
 */
export async function listen(app: ServerApp, host: string, port: number): Promise<Listening> {
  const { limits, log } = app.context;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Above the limit of the profiles, so that a frame somewhat too large is answered and not just cut.
    maxPayload: limits.maxFrameBytes * 2,
    handleProtocols: (offered) => Object.keys(SUBPROTOCOLS).find((protocol) => offered.has(protocol)) ?? false,
  });
  const heartbeat = new Heartbeat(limits.heartbeatMs, limits.silenceMs);
  sockets.on('connection', (socket) => heartbeat.add(socket));
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, hostname: host, port, websocket: { server: sockets } }) as Server;
    starting.once('error', (error: NodeJS.ErrnoException) => reject(addressError(error, host, port)));
    starting.once('listening', () => resolve(starting));
  });
  server.on('error', (error) => log.error({ err: error }, 'the listening socket failed'));
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return {
    host,
    port: actual,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    stopAccepting: () => void server.close(),
    close() {
      heartbeat.stop();
      server.close();
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      return closed;
    },
  };
}

function addressError(error: NodeJS.ErrnoException, host: string, port: number): AddressError {
  const why: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is in use. Choose another: --port (GYMSMITH_PORT), 0 for any.`,
    EACCES: `Port ${port} may not be used by this user. Choose one above 1023: --port (GYMSMITH_PORT).`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Correct --host (GYMSMITH_HOST).`,
    ENOTFOUND: `There is no host ${host}. Correct --host (GYMSMITH_HOST).`,
  };
  return new AddressError(why[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}
