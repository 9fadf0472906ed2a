/** What keeps a file of the store from being used, or a call from being carried out; the message names the file, the remedy what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
