import type { Drop } from '../manifest.js';
import type { Split } from './split-tasks.js';
import { type SelectionTally, tallySelection } from './tally-selection.js';
import type { TrajectoryFacts } from './trajectory-facts.js';

/** A trajectory that becomes rows. */
export interface KeptTrajectory {
  id: string;
  file: string;
  task: string;
  split: Split;
}

/** What became of every trajectory that was looked at: exactly one fate each. */
export class Selection {
  readonly #fates: Map<string, Drop | null>;

  constructor(
    private readonly facts: readonly TrajectoryFacts[],
    fates: ReadonlyMap<string, Drop | null>,
    private readonly splits: ReadonlyMap<string, Split>,
    private readonly expression: string,
    private readonly clauses: readonly string[],
  ) {
    this.#fates = new Map(fates);
  }

  /** Those that are in, ordered by task and id. */
  get kept(): KeptTrajectory[] {
    const kept = this.facts.flatMap(({ id, file, labels }) => {
      if (labels === null || this.#fates.get(id) !== null) return [];
      return [{ id, file, task: labels.task, split: this.splits.get(labels.task)! }];
    });
    return kept.sort((a, b) => (a.task === b.task ? (a.id < b.id ? -1 : 1) : a.task < b.task ? -1 : 1));
  }

  /** @returns why it is not in; null: it is in @throws Error for one that was never looked at */
  fateOf(id: string): Drop | null {
    const fate = this.#fates.get(id);
    if (fate === undefined) throw new Error(`No trajectory ${id} was looked at`);
    return fate;
  }

  /** For one that was kept and of which no turn fits: it is out. */
  dropNoTurn(id: string): void {
    if (this.fateOf(id) !== null) throw new Error(`The trajectory ${id} was not kept`);
    this.#fates.set(id, 'no_turn');
  }

  /** @returns the counts for a manifest @throws Error when they do not add up */
  tally(): SelectionTally {
    return tallySelection({
      facts: this.facts,
      fates: this.#fates,
      splits: this.splits,
      expression: this.expression,
      clauses: this.clauses,
    });
  }
}
