import { hostname } from 'node:os';
import type Docker from 'dockerode';
import pRetry from 'p-retry';
import { SandboxError } from '../sandbox.js';
import { Semaphore } from '../semaphore.js';

/** How a sandbox of an engine is reached: over shared directories, or through the engine itself. */
export type DockerReach = 'bind' | 'relay';

export interface DockerEngineOptions {
  /** `unix:///path` or `tcp://host:port`; by default DOCKER_HOST or this machine's engine. */
  host?: string;
  /** Found out by default: `bind` when the engine runs on this machine and sees its directories. */
  reach?: DockerReach;
  /** GPUs of that machine; by default it is asked for any. */
  gpus?: readonly string[];
}

/** Kinds of work that an engine does at once only in small numbers before it slows down or fails. */
const AT_ONCE = { create: 4, start: 4, remove: 4, exec: 8, read: 8 } as const;
const DEADLINE_MS = { create: 60_000, start: 60_000, remove: 60_000, exec: 20_000, read: 20_000 } as const;
const RETRIES = 3;
const FIRST_RETRY_MS = 150;

type EngineWork = keyof typeof AT_ONCE;

/** Work with the client; the signal fires when the deadline has passed. */
type EngineCall<T> = (docker: Docker, late: AbortSignal) => Promise<T>;

const BROKEN_CONNECTION = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/** What engines say while they restart or are too busy. */
const TRANSIENT_TEXT =
  /timeout|timed out|temporarily|try again|resource busy|shutting down|connection re|i\/o error|deadline/i;

/** One Docker engine: bounded numbers of calls at once, deadlines, retries of faults that pass. */
export class DockerEngine {
  readonly name: string;
  readonly gpus: readonly string[] | null;
  readonly #options: DockerEngineOptions;
  readonly #turns = Object.fromEntries(
    Object.entries(AT_ONCE).map(([work, permits]) => [work, new Semaphore(permits)]),
  ) as Record<EngineWork, Semaphore>;
  #client: Promise<Docker> | null = null;
  #reach: Promise<DockerReach> | null = null;

  constructor(options: DockerEngineOptions = {}) {
    this.name = options.host ?? 'the Docker engine of this machine';
    this.gpus = options.gpus ?? null;
    this.#options = options;
  }

  /**
   * Makes calls to the engine. What is retried must be safe to do twice.
   * @param signal gives up waiting for a turn and trying again; a call under way is not cut, so that its outcome is known
   * @throws SandboxError `unavailable` when the engine cannot be reached or fails; else the engine's own refusal
   */
  async call<T>(work: EngineWork, run: EngineCall<T>, signal?: AbortSignal): Promise<T> {
    const docker = await this.client();
    const attempt = (): Promise<T> => this.#turns[work].use(() => withDeadline(run, docker, DEADLINE_MS[work]), signal);
    try {
      return await pRetry(attempt, {
        retries: RETRIES,
        minTimeout: FIRST_RETRY_MS,
        randomize: true,
        signal,
        shouldRetry: ({ error }) => isTransient(error),
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) throw error;
      throw new SandboxError('unavailable', `${this.name} did not do its work (${work}): ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Makes one call without a second try. @throws the error of the connection or the engine's own refusal */
  async tryOnce<T>(run: EngineCall<T>): Promise<T> {
    return withDeadline(run, await this.client(), DEADLINE_MS.read);
  }

  /** The client; loaded when it is first needed, because loading it takes 180 ms. */
  client(): Promise<Docker> {
    this.#client ??= import('dockerode').then(({ default: Client }) => new Client(clientOptions(this.#options.host)));
    return this.#client;
  }

  /** How sandboxes of this engine are reached. */
  reach(): Promise<DockerReach> {
    this.#reach ??= this.#options.reach === undefined ? this.#findReach() : Promise.resolve(this.#options.reach);
    this.#reach.catch(() => {
      this.#reach = null;
    });
    return this.#reach;
  }

  async #findReach(): Promise<DockerReach> {
    // What the client goes by when no host is named is its own business: DOCKER_HOST, or the usual places.
    const { socketPath } = (await this.client()).modem as { socketPath?: unknown };
    if (socketPath === undefined) return 'relay';
    const info = await this.call('read', (docker) => docker.info());
    const security = ((info as { SecurityOptions?: string[] }).SecurityOptions ?? []).join(' ');
    // In these the users of the sandbox are not those of this machine, or the machine is another one.
    const isApart = /rootless|userns/.test(security) || /desktop/i.test(String(info.OperatingSystem));
    // An engine that is reached through a forwarded socket, or from inside a container, has another name.
    return isApart || info.Name !== hostname() ? 'relay' : 'bind';
  }
}

/** Status of an engine's refusal; null for other errors. */
export function engineStatus(error: unknown): number | null {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

function isTransient(error: unknown): boolean {
  const { code, message, name } = error as { code?: string; message?: string; name?: string };
  if (name === 'TimeoutError' || (code !== undefined && BROKEN_CONNECTION.has(code))) return true;
  const status = engineStatus(error);
  if (status === null) return /socket hang up|deadline/.test(message ?? '');
  return status === 429 || status > 500 || (status === 500 && TRANSIENT_TEXT.test(message ?? ''));
}

/** The client passes signals on, but not to every phase of a call; the race makes the deadline hold whatever it does. */
async function withDeadline<T>(run: EngineCall<T>, docker: Docker, deadlineMs: number): Promise<T> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(`no answer within ${deadlineMs} ms`, 'TimeoutError');
      late.abort(error);
      reject(error);
    }, deadlineMs);
  });
  try {
    return await Promise.race([run(docker, late.signal), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function clientOptions(host: string | undefined): Docker.DockerOptions | undefined {
  if (host === undefined) return undefined;
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const url = URL.canParse(host) ? new URL(host) : null;
  if (url === null || !['tcp:', 'http:'].includes(url.protocol)) {
    throw new SandboxError(
      'unavailable',
      `"${host}" is no address of a Docker engine that is known here: unix:///path or tcp://host:port; ` +
        'over ssh: ssh -N -L /run/other.sock:/var/run/docker.sock HOST, then unix:///run/other.sock; with TLS: DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH',
    );
  }
  return { protocol: 'http', host: url.hostname, port: url.port || 2375 };
}
