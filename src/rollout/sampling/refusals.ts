import type { TryFault } from './try-fault.js';

/** As many different tasks that refuse a player the same are not at fault themselves. */
const ENOUGH = 3;

/** What tasks said of the way in which a player would play them, before any of its resets was taken. */
export class Refusals {
  readonly #faults = new Map<string, TryFault>();

  /** @param task env id */
  add(task: string, fault: TryFault): void {
    this.#faults.set(task, fault);
  }

  /** Nothing is begun there until it is known whose fault it was. */
  has(task: string): boolean {
    return this.#faults.has(task);
  }

  /** By task. */
  get all(): ReadonlyMap<string, TryFault> {
    return this.#faults;
  }

  /**
   * @param player its name
   * @param open tasks at which something of it is open
   * @param underWay attempts of it that may still be taken
   * @returns why it cannot play anything, as all tasks that were asked say; `tasks`: each of them is at fault itself; null: not known yet
   */
  verdict(player: string, open: readonly string[], underWay: number): Error | 'tasks' | null {
    const [first, ...others] = this.#faults;
    if (!first) return null;
    const isLast = underWay === 0 && open.every((task) => this.has(task));
    if (this.#faults.size < ENOUGH && !isLast) return null;
    const said = plain(...first);
    if (others.some((other) => plain(...other) !== said)) return isLast ? 'tasks' : null;
    const [task, { code, message }] = first;
    const where = others.length === 0 ? task : `${this.#faults.size} different tasks, and none took it`;
    return new Error(`${player} cannot play as it is set up: ${message} (${code} at ${where})`);
  }
}

function plain(task: string, { code, message }: TryFault): string {
  return `${code}: ${message.replaceAll(task, '').replace(/\d+/g, '0')}`;
}
