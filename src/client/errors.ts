/** What can go wrong on this side of the wire. */
export type ClientErrorCode =
  /** The caller's signal fired. */
  | 'aborted'
  /** The connection was closed by this side. */
  | 'closed'
  /** The server could not be reached at the first attempt. */
  | 'connection_failed'
  /** The connection broke and could not be made again in time. */
  | 'connection_lost'
  /** The server answers, but no longer knows the session: its episodes are gone. */
  | 'session_lost'
  /** The message is larger than the server takes. */
  | 'frame_too_large'
  /** The server sent what the protocol does not allow. */
  | 'protocol';

/** A fault that never crossed the wire. What the server answered with is an `RpcError`. */
export class ClientError extends Error {
  override readonly name = 'ClientError';

  /**
   * @param code what went wrong, for programs
   * @param message what was wrong, where, and what to do
   */
  constructor(
    readonly code: ClientErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
