/** An answer with a status that says failure. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';

  /** @param body its beginning */
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly body: string,
  ) {
    // Nothing of the body: what reads messages for hints must not find any.
    super(`HTTP ${status}`);
  }
}

/** An answer that is none in the protocol: no JSON, no choice, too long. */
export class GarbageAnswer extends Error {
  override readonly name = 'GarbageAnswer';
}

/** A stream that ended before the answer did. */
export class CutAnswer extends Error {
  override readonly name = 'CutAnswer';
}

/** A request that took longer than it may. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout';
}
