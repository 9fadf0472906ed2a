import { datasetFilter, type FilterClause } from '../filter/dataset-filter.js';
import { PRESET_FILTERS } from '../filter/presets.js';
import type { UnreadableFile } from '../labels/labelled-file.js';
import type { LabelledTrajectory } from '../labels/labels.js';
import type { DatasetSettings } from './dataset-settings.js';
import type { Drop } from './manifest.js';
import { groupBy } from './selection/group-by.js';
import { rank } from './selection/rank.js';
import { Selection } from './selection/selection.js';
import { splitTasks } from './selection/split-tasks.js';
import { factsOf, type TrajectoryFacts } from './selection/trajectory-facts.js';

/** Settings that decide which trajectories are kept. */
type SelectionSettings = Pick<
  DatasetSettings,
  'seed' | 'filter' | 'per_task' | 'per_task_order' | 'duplicates' | 'held_out'
>;

/** A trajectory that was labelled; `fault` tells it from a file that could not be read. */
type Labelled = LabelledTrajectory & { fault?: null };

/**
 * Decides which trajectories make a dataset. They come one after another, in any order, and only small facts are kept of each; what is
 * chosen depends on the trajectories and the settings alone.
 */
export class TrajectorySelector<Item extends Labelled = Labelled> {
  readonly #facts = new Map<string, TrajectoryFacts>();
  readonly #filter: { clauses: readonly FilterClause[]; expression: string };

  /**
   * @param hasTurn whether a trajectory that passes the filter gives a row at all; asked before others are compared with it, so that
   *   caps count rows that there are. Default: it does.
   * @throws FilterError for a condition of one's own that is none
   */
  constructor(
    private readonly settings: SelectionSettings,
    private readonly hasTurn: (item: Item) => boolean = () => true,
  ) {
    this.#filter = datasetFilter(settings.filter);
  }

  /** @throws Error for an id that came before */
  add(item: Item | UnreadableFile): void {
    const { id, file } = item;
    if (this.#facts.has(id)) throw new Error(`Two trajectories are called ${id}`);
    if (isUnreadable(item)) {
      this.#facts.set(id, { id, file, labels: null, isValid: false, score: null, drop: 'unreadable', clause: null });
      return;
    }
    const failed = this.#filter.clauses.find(({ holds }) => !holds(item.labels));
    const drop = failed?.drop ?? (this.hasTurn(item) ? null : 'no_turn');
    this.#facts.set(id, { id, file, ...factsOf(item.labels), drop, clause: failed?.text ?? null });
  }

  /** @returns what became of each that was added so far: after the filter duplicates go, then all but the best k, then what a cap leaves */
  select(): Selection {
    const { settings } = this;
    const facts = [...this.#facts.values()];
    const fates = new Map<string, Drop | null>(facts.map(({ id, drop }) => [id, drop]));
    let left = facts.filter(({ drop }) => drop === null);
    const keepFirst = (
      groups: (facts: TrajectoryFacts) => string,
      order: ReturnType<typeof rank>,
      most: number,
      drop: Drop,
    ) => {
      left = [...groupBy(left, groups).values()].flatMap((group) => {
        if (group.length <= most) return group;
        const sorted = group.sort(order);
        for (const { id } of sorted.slice(most)) fates.set(id, drop);
        return sorted.slice(0, most);
      });
    };
    const taskOf = ({ labels }: TrajectoryFacts) => labels!.task;
    const best = rank('best', settings.seed);
    if (settings.duplicates === 'drop') {
      keepFirst(({ labels }) => JSON.stringify([labels!.task, labels!.fingerprint]), best, 1, 'duplicate');
    }
    if (PRESET_FILTERS[settings.filter.preset].isTopK) keepFirst(taskOf, best, settings.filter.k, 'top_k');
    if (settings.per_task !== null) {
      keepFirst(taskOf, rank(settings.per_task_order, settings.seed), settings.per_task, 'per_task');
    }
    const tasks = [...new Set(facts.flatMap(({ labels }) => labels?.task ?? []))];
    const splits = splitTasks(tasks, new Set(left.map(taskOf)), settings.held_out, settings.seed);
    const { clauses, expression } = this.#filter;
    const counted = clauses.filter(({ drop }) => drop === 'preset' || drop === 'where').map(({ text }) => text);
    return new Selection(facts, fates, splits, expression, counted);
  }
}

function isUnreadable(item: Labelled | UnreadableFile): item is UnreadableFile {
  return typeof item.fault === 'string';
}
