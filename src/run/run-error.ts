/** What keeps a run's directory from being used; the message says where, the remedy what to do. */
export class RunError extends Error {
  override readonly name = 'RunError';

  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
