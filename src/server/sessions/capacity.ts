import { RpcError } from '../../protocol/index.js';

/** Counts what may exist only so many times. */
export class Capacity {
  private taken = 0;

  /**
   * @param limit how many there may be
   * @param noun plural, for the message
   */
  constructor(
    readonly limit: number,
    private readonly noun: string,
  ) {}

  get used(): number {
    return this.taken;
  }

  get isFull(): boolean {
    return this.taken >= this.limit;
  }

  /**
   * @returns gives the place back; a second call does nothing
   * @throws RpcError `capacity_reached`
   */
  take(): () => void {
    if (this.isFull) {
      throw new RpcError(
        'capacity_reached',
        `The server holds ${this.taken} ${this.noun}, as many as it may. Try later.`,
        {
          used: this.taken,
          limit: this.limit,
        },
      );
    }
    this.taken += 1;
    let held = true;
    return () => {
      if (held) this.taken -= 1;
      held = false;
    };
  }
}
