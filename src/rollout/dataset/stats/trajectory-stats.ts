import { datasetFilter } from '../../filter/dataset-filter.js';
import { PRESET_FILTERS } from '../../filter/presets.js';
import type { LabelledFile, UnreadableFile } from '../../labels/labelled-file.js';
import { hasTurn } from '../build/row-facts.js';
import { type DatasetSettings, PRESETS } from '../dataset-settings.js';
import type { DatasetManifest } from '../manifest.js';
import { TrajectorySelector } from '../select-trajectories.js';
import type { Selection } from '../selection/selection.js';
import type { SelectionTally } from '../selection/tally-selection.js';
import { type Quantiles, quantiles } from './quantiles.js';

/** Most files that are named of those that cannot be read. */
const MAX_FAULTS = 20;

/** What a preset would keep, with everything else as in the settings. */
export interface PresetStats {
  preset: DatasetSettings['filter']['preset'];
  /** The whole filter. */
  expression: string;
  /** Of it, what is not rejected under every preset. */
  own: string;
  kept: number;
  train: number;
  test: number;
  /** With at least one kept trajectory. */
  tasks: number;
  /** Of the kept chats, before rows are cut. */
  tokens: number;
  dropped: DatasetManifest['dropped'];
}

/** What labels say about trajectories before a dataset is built of them. */
export interface TrajectoryStatsReport extends SelectionTally {
  preset: DatasetSettings['filter']['preset'];
  /** Whether tokens were counted and not estimated. */
  tokens_exact: boolean;
  presets: PresetStats[];
  /** What must hold under each of them. */
  rejects: string;
  /** Of all that could be read; null: nothing could. */
  tokens: Quantiles | null;
  steps: Quantiles | null;
  /** Valid trajectories of a task. */
  valid_per_task: Quantiles | null;
  /** The first of those that could not be read. */
  unreadable: { file: string; fault: string }[];
}

/** Counts trajectories as they are labelled, under every preset at once. */
export class TrajectoryStats {
  readonly #selectors: Map<PresetStats['preset'], TrajectorySelector<LabelledFile>>;
  readonly #tokens = new Map<string, number>();
  readonly #steps: number[] = [];
  readonly #unreadable: { file: string; fault: string }[] = [];
  #isExact = true;

  /** @throws FilterError for a condition of one's own that is none */
  constructor(private readonly settings: DatasetSettings) {
    const of = (preset: PresetStats['preset']) =>
      new TrajectorySelector<LabelledFile>({ ...settings, filter: { ...settings.filter, preset } }, (item) =>
        hasTurn(item, settings),
      );
    this.#selectors = new Map(PRESETS.map((preset) => [preset, of(preset)]));
  }

  add(item: LabelledFile | UnreadableFile): void {
    for (const selector of this.#selectors.values()) selector.add(item);
    if (item.fault !== null) {
      if (this.#unreadable.length < MAX_FAULTS) this.#unreadable.push({ file: item.file, fault: item.fault });
      return;
    }
    const { tokens, steps, tokens_exact } = item.labels;
    this.#tokens.set(item.id, tokens);
    this.#steps.push(steps);
    this.#isExact &&= tokens_exact;
  }

  report(): TrajectoryStatsReport {
    const selections = new Map([...this.#selectors].map(([preset, selector]) => [preset, selector.select()]));
    const tally = selections.get(this.settings.filter.preset)!.tally();
    return {
      preset: this.settings.filter.preset,
      ...tally,
      tokens_exact: this.#isExact,
      rejects: datasetFilter({ ...this.settings.filter, preset: 'none', max_tokens: null, where: null }).expression,
      presets: [...selections].map(([preset, selection]) => this.#presetStats(preset, selection)),
      tokens: quantiles(this.#tokens.values()),
      steps: quantiles(this.#steps),
      valid_per_task: quantiles(tally.tasks.map(({ valid }) => valid)),
      unreadable: this.#unreadable,
    };
  }

  #presetStats(preset: PresetStats['preset'], selection: Selection): PresetStats {
    const { expression, kept, dropped } = selection.tally();
    const chosen = selection.kept;
    const test = chosen.filter(({ split }) => split === 'test').length;
    return {
      preset,
      expression,
      own: ownFilter({ ...this.settings.filter, preset }),
      kept,
      train: kept - test,
      test,
      tasks: new Set(chosen.map(({ task }) => task)).size,
      tokens: chosen.reduce((sum, { id }) => sum + this.#tokens.get(id)!, 0),
      dropped,
    };
  }
}

function ownFilter(filter: DatasetSettings['filter']): string {
  const { expression } = datasetFilter({ ...filter, rejects: [] });
  return PRESET_FILTERS[filter.preset].isTopK ? `${expression}, the best ${filter.k} of each task` : expression;
}
