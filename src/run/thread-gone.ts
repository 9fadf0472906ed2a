/** A thread ended before it answered; the message says why. */
export class ThreadGone extends Error {
  override readonly name = 'ThreadGone';

  constructor(
    why: string,
    /** False: it never came to work, which no other thread will. */
    readonly wasReady: boolean,
  ) {
    super(why);
  }
}
