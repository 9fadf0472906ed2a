/** Messages that arrived, and those who wait for one. */
export class Inbox<T> {
  readonly all: T[] = [];
  private readonly unread: T[] = [];
  private readonly waiters: { wanted: (message: T) => boolean; resolve: (message: T) => void }[] = [];

  put(message: T): void {
    this.all.push(message);
    const index = this.waiters.findIndex(({ wanted }) => wanted(message));
    if (index === -1) this.unread.push(message);
    else this.waiters.splice(index, 1)[0]!.resolve(message);
  }

  /** @returns the first unread message that is wanted, now or later */
  take(wanted: (message: T) => boolean = () => true): Promise<T> {
    const index = this.unread.findIndex(wanted);
    if (index !== -1) return Promise.resolve(this.unread.splice(index, 1)[0]!);
    return new Promise((resolve) => this.waiters.push({ wanted, resolve }));
  }
}
