/** A fault that the user can act on: printed without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';

  /**
   * @param message what is wrong and where
   * @param remedy what to do about it
   */
  constructor(
    message: string,
    readonly remedy: string | null = null,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}
