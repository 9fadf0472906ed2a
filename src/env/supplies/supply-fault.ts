/** Why something that a task needs from outside its pack cannot be had; `remedy` says what to do. */
export class SupplyFault extends Error {
  override readonly name: string = 'SupplyFault';

  constructor(
    message: string,
    readonly remedy: string | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
