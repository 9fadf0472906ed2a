/** What is to be played of a task by a player; all its attempts are alike. */
interface Group {
  task: Coverage;
  player: string;
  gpus: number;
  /** Ids that are open, the next one last. */
  open: string[];
  /** Of those that were played. */
  played: number;
  seconds: number;
}

/** How much of a task was begun. */
interface Coverage {
  name: string;
  /** Done or on the way. */
  begun: number;
  attempts: number;
}

/** An attempt that can be begun. */
export interface NextAttempt {
  id: string;
  task: string;
  player: string;
  gpus: number;
}

/** What may be begun: attempts at a task by a player. */
export interface StartableGroup {
  task: { name: string };
  player: string;
  gpus: number;
}

/** The longest go first when there are no more than so many for each place. */
const LAST_ROUNDS = 3;

/**
 * Which attempt comes next. Breadth first: the task of which the least was begun, so that a run that ends early has about as many
 * trajectories of each. Towards the end, when that is no longer what matters, the longest first, by what such attempts took so far:
 * then no long one is left over when all others are done. While more than three attempts for each place are open, shares of tasks that can
 * be begun differ by one attempt at most; from then on by those three for each place and one, at most. The same events in the same order
 * give the same attempts.
 */
export class Scheduler {
  readonly #groups = new Map<string, Group>();
  readonly #tasks = new Map<string, Coverage>();
  #open = 0;
  #played = 0;
  #seconds = 0;

  /** How many are open. */
  get open(): number {
    return this.#open;
  }

  /** Tasks at which something is open, and the GPUs that it asks for. */
  get openTasks(): { task: string; gpus: number }[] {
    const groups = [...this.#groups.values()].filter(({ open }) => open.length > 0);
    return [...new Map(groups.map(({ task: { name }, gpus }) => [name, { task: name, gpus }])).values()];
  }

  /** Players of what is open. */
  get openPlayers(): string[] {
    return [...this.#groups.values()].filter(({ open }) => open.length > 0).map(({ player }) => player);
  }

  /** @returns tasks at which something by a player is open */
  tasksOf(player: string): string[] {
    const groups = [...this.#groups.values()].filter((group) => group.player === player && group.open.length > 0);
    return groups.map(({ task: { name } }) => name);
  }

  /** Adds an open attempt; in the order in which those of one task and player are to be played. */
  add(attempt: NextAttempt): void {
    const group = this.#group(attempt);
    group.task.attempts++;
    group.open.push(attempt.id);
    this.#open++;
  }

  /** Counts one that is done or given up already. */
  addPlayed({ task }: Pick<NextAttempt, 'task'>): void {
    const coverage = this.#task(task);
    coverage.attempts++;
    coverage.begun++;
  }

  /** Called once after everything was added. */
  ready(): void {
    for (const { open } of this.#groups.values()) open.reverse();
  }

  /** @param seconds that an attempt took, or many together */
  took({ task, player, gpus }: Omit<NextAttempt, 'id'>, seconds: number, count = 1): void {
    const group = this.#group({ task, player, gpus });
    group.played += count;
    group.seconds += seconds;
    this.#played += count;
    this.#seconds += seconds;
  }

  /** @returns seconds that an attempt will take, by the mean of those like it, else of all; null: nothing was played yet */
  expected(task: string, player: string): number | null {
    const group = this.#groups.get(keyOf(task, player));
    return group ? this.#expected(group) : this.#mean;
  }

  /**
   * @param places attempts that are under way together
   * @param fits whether one with so many GPUs, by that player, can be begun now
   * @returns the next attempt, which is no longer open; null: none can be begun
   */
  next(places: number, fits: (group: StartableGroup) => boolean): NextAttempt | null {
    const isLast = this.#open <= LAST_ROUNDS * places;
    let best: Group | null = null;
    for (const group of this.#groups.values()) {
      if (group.open.length === 0 || !fits(group)) continue;
      if (best === null || this.#isBefore(group, best, isLast)) best = group;
    }
    if (best === null) return null;
    best.task.begun++;
    this.#open--;
    return { id: best.open.pop()!, task: best.task.name, player: best.player, gpus: best.gpus };
  }

  /** Puts an attempt back that came to nothing: it is the next of its task and player. */
  putBack(attempt: NextAttempt): void {
    const group = this.#group(attempt);
    group.task.begun--;
    group.open.push(attempt.id);
    this.#open++;
  }

  /** Takes out everything that is open at a task, or what is a player's. @returns the ids */
  takeOut(task: string, player?: string): string[] {
    const ids: string[] = [];
    for (const group of this.#groups.values()) {
      if (group.task.name === task && (player === undefined || group.player === player))
        ids.push(...group.open.splice(0).reverse());
    }
    this.#open -= ids.length;
    this.#task(task).begun += ids.length;
    return ids;
  }

  #isBefore(a: Group, b: Group, isLast: boolean): boolean {
    if (isLast) {
      // What is left of a group is played one after the other, or nearly so, when there are few places.
      const [left, right] = [this.#atLeast(a), this.#atLeast(b)];
      if (left !== right) return left > right;
    }
    if (a.task !== b.task) {
      const [left, right] = [a.task.begun / a.task.attempts, b.task.begun / b.task.attempts];
      if (left !== right) return left < right;
      const [longer, shorter] = [this.#expected(a) ?? 0, this.#expected(b) ?? 0];
      if (longer !== shorter) return longer > shorter;
    }
    return a.open.length > b.open.length;
  }

  #expected({ played, seconds }: Group): number | null {
    return played > 0 ? seconds / played : this.#mean;
  }

  /** What did not end once takes longer than all that did, as far as anybody knows. */
  #atLeast(group: Group): number {
    if (group.played > 0) return group.seconds / group.played;
    return this.#played > 0 ? Number.POSITIVE_INFINITY : 0;
  }

  get #mean(): number | null {
    return this.#played > 0 ? this.#seconds / this.#played : null;
  }

  #group({ task, player, gpus }: Omit<NextAttempt, 'id'>): Group {
    const key = keyOf(task, player);
    let group = this.#groups.get(key);
    if (!group) {
      group = { task: this.#task(task), player, gpus, open: [], played: 0, seconds: 0 };
      this.#groups.set(key, group);
    }
    return group;
  }

  #task(name: string): Coverage {
    let coverage = this.#tasks.get(name);
    if (!coverage) {
      coverage = { name, begun: 0, attempts: 0 };
      this.#tasks.set(name, coverage);
    }
    return coverage;
  }
}

function keyOf(task: string, player: string): string {
  return `${task}\n${player}`;
}
