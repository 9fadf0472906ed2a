import type { TrainFaultKind } from './train-event.js';

/** A training that cannot begin, or that ended before its last step; the remedy says what to do. */
export class TrainError extends Error {
  override readonly name = 'TrainError';

  constructor(
    readonly kind: TrainFaultKind,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}
