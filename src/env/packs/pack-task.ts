import type { Task } from '../task.js';
import type { DatasetYaml } from './dataset-yaml.js';
import type { TaskYaml } from './task-yaml.js';

/** A task that came from a pack, with what its files say beyond what an episode needs. */
export interface PackTask extends Task {
  /** As parsed from `configs/tasks`, defaults filled in. */
  readonly config: TaskYaml;
  /** As parsed from `configs/datasets`, in the order of `dataset_configs`. */
  readonly datasetConfigs: readonly DatasetYaml[];
  /** Relative to the pack: `configs/tasks/<name>.yaml`. */
  readonly configFile: string;
  /** False while a local dataset is not there yet: the task is known, an episode of it cannot start. */
  readonly isComplete: boolean;
}
