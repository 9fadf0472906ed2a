import { z } from 'zod';

/**
 * The closed table of errors that cross the wire. `retryable`: the same request may succeed later without a change.
 * `http`: the status of the same error on an HTTP route.
 */
export const ERRORS = {
  invalid_frame: { retryable: false, http: 400, meaning: 'the frame is not a JSON or msgpack object' },
  invalid_message: { retryable: false, http: 400, meaning: 'the message does not have the shape of its type' },
  unknown_method: { retryable: false, http: 404, meaning: 'there is no such method' },
  invalid_params: { retryable: false, http: 422, meaning: 'the parameters of the method are wrong' },
  invalid_action: { retryable: false, http: 422, meaning: 'the action has no known form' },
  frame_too_large: { retryable: false, http: 413, meaning: 'the frame is larger than the server takes' },
  version_unsupported: {
    retryable: false,
    http: 426,
    meaning: 'the protocol version of the client is not spoken here',
  },
  unauthorized: { retryable: false, http: 401, meaning: 'the token is missing or wrong' },
  forbidden_origin: { retryable: false, http: 403, meaning: 'the page that opened the connection is not allowed' },
  unknown_task: { retryable: false, http: 404, meaning: 'no task has this env id' },
  unknown_episode: { retryable: false, http: 404, meaning: 'no live episode of this session has this id' },
  unknown_session: { retryable: false, http: 404, meaning: 'the session ended or never was' },
  reset_needed: { retryable: false, http: 409, meaning: 'a step came before the reset' },
  episode_over: { retryable: false, http: 409, meaning: 'the episode ended; reset a new one' },
  episode_busy: { retryable: true, http: 409, meaning: 'a command of this episode is still running' },
  duplicate_request: { retryable: false, http: 409, meaning: 'the request id was used with other contents' },
  capacity_reached: { retryable: true, http: 503, meaning: 'the server holds as many sessions or episodes as it may' },
  sandbox_unavailable: { retryable: true, http: 503, meaning: 'the sandbox could not be made or was lost' },
  evaluation_unavailable: { retryable: true, http: 503, meaning: 'the evaluation could not run for a fault of ours' },
  resources_unavailable: {
    retryable: true,
    http: 503,
    meaning: 'GPUs or memory that the task needs are not to be had',
  },
  task_broken: { retryable: false, http: 500, meaning: 'the files of the task are faulty' },
  deadline_exceeded: { retryable: true, http: 504, meaning: 'the request ran past its deadline' },
  cancelled: { retryable: false, http: 499, meaning: 'the request was cancelled by its sender' },
  draining: { retryable: true, http: 503, meaning: 'the server is going down and takes no new episodes' },
  slow_consumer: { retryable: false, http: 429, meaning: 'the client reads slower than the server may buffer' },
  internal: { retryable: false, http: 500, meaning: 'a fault of the server; its log has the trace' },
} as const satisfies Record<string, { retryable: boolean; http: number; meaning: string }>;

/** One of the codes of the table. */
export type ErrorCode = keyof typeof ERRORS;

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** An error as it stands in a frame or an HTTP body. */
export const WireError = z.object({
  code: z.enum(codes).describe('one of the closed table of codes'),
  message: z.string().describe('what was wrong, where, and what to do'),
  retryable: z.boolean().describe('the same request may succeed later without a change'),
  data: z.record(z.string(), z.unknown()).optional().describe('facts that a program may read'),
});
export type WireError = z.infer<typeof WireError>;

/** An error that is meant for the peer. Whatever else is thrown reaches the peer as `internal` without its message. */
export class RpcError extends Error {
  override readonly name = 'RpcError';

  /**
   * @param code one of the closed table
   * @param message what was wrong, where, and what to do
   * @param data facts that a program may read
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data?: Record<string, unknown>,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same request may succeed later without a change. */
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  /** The form in which the error crosses the wire. */
  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.data && { data: this.data }),
    };
  }

  /** Rebuilds the error from the wire. */
  static fromWire(error: WireError): RpcError {
    return new RpcError(error.code, error.message, error.data);
  }
}
