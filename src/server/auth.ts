import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { RpcError, TOKEN_SUBPROTOCOL } from '../protocol/index.js';
import { AddressError } from './address-error.js';

export interface AuthOptions {
  token: string | undefined;
  /** Origins whose pages may connect, beside the server's own; `*`: all. */
  origins: readonly string[];
  /** The server is reachable from this machine only. */
  isLoopback: boolean;
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Decides who may talk to the server. */
export class Auth {
  private readonly digest: Buffer | null;

  constructor(private readonly options: AuthOptions) {
    this.digest = options.token === undefined ? null : sha256(options.token);
  }

  /** @throws RpcError `unauthorized` or `forbidden_origin` */
  check(request: Request): void {
    this.checkOrigin(request);
    if (this.digest === null) return;
    const digest = this.digest;
    const isKnown = [...candidates(request)].some((candidate) => timingSafeEqual(sha256(candidate), digest));
    if (isKnown) return;
    throw new RpcError('unauthorized', 'The token is missing or wrong. Send it as "Authorization: Bearer <token>".');
  }

  /** Whether a page of this origin may read answers. */
  allowsOrigin(origin: string): boolean {
    return this.options.origins.includes('*') || this.options.origins.includes(origin);
  }

  private checkOrigin(request: Request): void {
    const host = request.headers.get('host') ?? new URL(request.url).host;
    const origin = request.headers.get('origin');
    if (origin !== null && !this.allowsOrigin(origin) && hostOf(origin) !== host) {
      throw new RpcError(
        'forbidden_origin',
        `Pages of ${origin.slice(0, 200)} may not connect. Add the origin to GYMSMITH_ORIGINS.`,
      );
    }
    // Without a token, a page of any name that was made to resolve to this machine would be let in by its own origin, or
    // with a GET, for which browsers name none; for a socket they always do.
    const isOfProgram = origin === null && request.headers.has('upgrade');
    const isOpen = this.digest !== null || !this.options.isLoopback || this.allowsOrigin(origin ?? '*');
    if (!isOpen && !isOfProgram && !this.isOwnName(host)) {
      throw new RpcError(
        'forbidden_origin',
        `This server answers under localhost only, not under ${host.slice(0, 200)}. Add the origin to GYMSMITH_ORIGINS, or set a token.`,
      );
    }
  }

  /** Whether a page cannot have been made to bear this name: addresses need no resolving. */
  private isOwnName(host: string): boolean {
    const name = hostnameOf(host);
    const isAddress = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    return isAddress || LOOPBACK_HOSTS.has(name) || this.options.origins.some((origin) => hostOf(origin) === host);
  }
}

/**
 * @throws Error when the server would be open to everybody
 */
export function checkExposure(host: string, token: string | undefined, allowUnauthenticated: boolean): void {
  if (isLoopbackHost(host) || token !== undefined || allowUnauthenticated) return;
  throw new AddressError(
    `The server would listen on ${host} without a token: everybody who reaches it could run commands. Set GYMSMITH_TOKEN ` +
      '(16 characters or more), listen on 127.0.0.1, or say GYMSMITH_ALLOW_UNAUTHENTICATED=true.',
  );
}

/** Whether only this machine can reach an address. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function* candidates(request: Request): Generator<string> {
  const [, scheme, value] = /^(bearer|basic)\s+(.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (value && scheme?.toLowerCase() === 'bearer') yield value;
  if (value && scheme?.toLowerCase() === 'basic') {
    // Old OpenEnv clients can only put the token into the address: http://user:token@host or http://token@host.
    const [user = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
    yield password.join(':') || user;
  }
  for (const protocol of (request.headers.get('sec-websocket-protocol') ?? '').split(/\s*,\s*/)) {
    if (protocol.startsWith(TOKEN_SUBPROTOCOL)) {
      yield Buffer.from(protocol.slice(TOKEN_SUBPROTOCOL.length), 'base64url').toString('utf8');
    }
  }
  const query = new URL(request.url).searchParams.get('token');
  if (query) yield query;
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
