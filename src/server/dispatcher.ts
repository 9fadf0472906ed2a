import type { Logger } from 'pino';
import type { z } from 'zod';
import { METHODS, type Method, type Result, RpcError } from '../protocol/index.js';
import type { EnvCatalogue } from './env-catalogue.js';
import type { Session } from './sessions/session.js';

/** Who calls, and how the call can be followed and ended. */
export interface CallContext {
  session: Session;
  signal: AbortSignal;
  /** Output of a running step. */
  onOutput?: (episodeId: string, chunk: Uint8Array, offset: number) => void;
}

/** Told of every call, for metrics. */
export type CallObserver = (method: Method, durationMs: number, error: RpcError | null) => void;

type Parsed<M extends Method> = z.output<(typeof METHODS)[M]['params']>;
type Handlers = { [M in Method]: (params: Parsed<M>, context: CallContext) => Promise<unknown> | unknown };

/** Most faults of a message that are named in an error. */
const MAX_NAMED_FAULTS = 8;

/** The one way from a message to an env, whatever profile it came by. */
export class Dispatcher {
  private readonly handlers: Handlers;

  constructor(
    catalogue: EnvCatalogue,
    private readonly log: Logger,
    private readonly observe: CallObserver = () => {},
  ) {
    this.handlers = handlersOf(catalogue);
  }

  /**
   * Runs a method: its parameters are validated on the way in, its result on the way out.
   * @throws RpcError and nothing else; a fault of the server is logged and reaches the caller as `internal` without its message
   */
  async call<M extends Method>(method: M, params: unknown, context: CallContext): Promise<Result<M>>;
  async call(method: string, params: unknown, context: CallContext): Promise<unknown>;
  async call(method: string, params: unknown, context: CallContext): Promise<unknown> {
    if (!isMethod(method)) {
      const known = Object.keys(METHODS).join(', ');
      throw new RpcError('unknown_method', `There is no method ${JSON.stringify(method)}. There are: ${known}.`);
    }
    const startedAtMs = performance.now();
    let failure: RpcError | null = null;
    try {
      return await this.run(method, params, context);
    } catch (error) {
      failure = this.toRpcError(error, method, context);
      throw failure;
    } finally {
      this.observe(method, performance.now() - startedAtMs, failure);
    }
  }

  private async run(method: Method, params: unknown, context: CallContext): Promise<unknown> {
    const schema = METHODS[method];
    const parsed = schema.params.safeParse(params ?? {});
    if (!parsed.success) throw paramsError(parsed.error);
    const handler = this.handlers[method] as (params: unknown, context: CallContext) => unknown;
    const result = schema.result.safeParse(await handler(parsed.data, context));
    if (!result.success) throw new Error(`The result of ${method} breaks its contract: ${result.error.message}`);
    return result.data;
  }

  private toRpcError(error: unknown, method: Method, context: CallContext): RpcError {
    if (error instanceof RpcError) return error;
    if (context.signal.aborted) return new RpcError('cancelled', 'The request was cancelled.');
    this.log.error({ err: error, method, session: context.session.id.slice(0, 12) }, 'a method failed');
    return new RpcError('internal', `The server failed at ${method}; its log has the trace.`);
  }
}

function handlersOf(catalogue: EnvCatalogue): Handlers {
  return {
    reset: (params, { session, signal }) => session.episodes.reset(params, signal),
    step: ({ episode_id, action, stream, deadline_ms }, { session, signal, onOutput }) =>
      session.episodes.step(episode_id, action, {
        signal,
        ...(deadline_ms !== undefined && { deadlineMs: deadline_ms }),
        ...(stream && onOutput && { onOutput: (chunk, offset) => onOutput(episode_id, chunk, offset) }),
      }),
    state: ({ episode_id }, { session }) => session.episodes.state(episode_id),
    interrupt: async ({ episode_id }, { session }) => ({ interrupted: await session.episodes.interrupt(episode_id) }),
    close: async ({ episode_id }, { session }) => ({ closed: await session.episodes.close(episode_id) }),
    list_episodes: (_params, { session }) => ({ episodes: session.episodes.states() }),
    capacity: (_params, { session }) => ({
      episodes: session.episodes.capacity,
      gpus: catalogue.gpus?.() ?? null,
    }),
    list_tasks: ({ namespace }) => ({ tasks: catalogue.list(namespace) }),
    describe_task: ({ task }) => catalogue.describe(task),
  };
}

function isMethod(method: string): method is Method {
  return Object.hasOwn(METHODS, method);
}

function paramsError(error: z.ZodError): RpcError {
  const faults = error.issues
    .slice(0, MAX_NAMED_FAULTS)
    .map(({ path, message }) => ({ path: path.join('.'), message }));
  const text = faults.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  const isAction = error.issues.every(({ path }) => path[0] === 'action');
  return new RpcError(isAction ? 'invalid_action' : 'invalid_params', text, { faults });
}
