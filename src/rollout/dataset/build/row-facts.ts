import type { LabelledFile } from '../../labels/labelled-file.js';
import type { DatasetSettings } from '../dataset-settings.js';
import type { ShardItem } from '../shards/shard-job.js';

type Settings = Pick<DatasetSettings, 'view' | 'truncate_tokens'>;

/** @returns whether rows can be made of a trajectory: for the full view exactly, for others unless nothing can be learnt at all */
export function hasTurn({ turns }: Pick<LabelledFile, 'turns'>, { view, truncate_tokens }: Settings): boolean {
  const most = view === 'full' ? (truncate_tokens ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  return turns.losses.some((loss, turn) => loss > 0 && turns.ends[turn]! <= most);
}

/** @returns how many rows a trajectory is counted for when shards are planned */
export function plannedRows({ turns }: Pick<ShardItem, 'turns'>, view: DatasetSettings['view']): number {
  if (view !== 'turns') return 1;
  const { losses } = turns;
  let rows = 0;
  for (let turn = 0; turn < losses.length; turn++) if (losses[turn]! > (losses[turn - 1] ?? 0)) rows++;
  return Math.max(1, rows);
}

/** Keeps of a labelled trajectory what its rows need, in little memory: there may be a hundred thousand. */
export class RowFactsKeeper {
  readonly #words = new Map<string, string>();

  facts({ id, file, sha256, labels, turns }: LabelledFile): ShardItem {
    const { task, model, exit_status, valid, best, baseline, improves, steps } = labels;
    return {
      id,
      file,
      sha256,
      labels: {
        task: this.#once(task),
        model: this.#once(model),
        exit_status: this.#once(exit_status),
        valid,
        best,
        baseline,
        improves,
        steps,
      },
      turns: { ends: Uint32Array.from(turns.ends), losses: Uint32Array.from(turns.losses) },
    };
  }

  /** Texts of few values, which came each in a copy of its own. */
  #once(text: string): string {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    this.#words.set(text, text);
    return text;
  }
}
