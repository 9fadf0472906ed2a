import path from 'node:path';
import type { z } from 'zod';
import type { Sidecar, TaskFile } from '../task.js';
import { datasetPlace } from '../workspace/data-mounts.js';
import type { DatasetYaml } from './dataset-yaml.js';
import { insidePack, listFiles } from './pack-paths.js';
import type { PackTask } from './pack-task.js';
import type { TaskYaml } from './task-yaml.js';

/** A file of a task to be written: its bytes, or where they are now. */
export type DraftFile = { path: string; mode?: number } & ({ contents: string | Uint8Array } | { hostPath: string });

type Placed = 'dataset_configs' | 'starter_code' | 'requirements_path';

/** A dataset of a task to be written. `files`: paths inside the dataset; null for a Hub repository. */
type DraftDataset = z.input<typeof DatasetYaml> & { files: readonly DraftFile[] | null };

/** A task to be written. Where its files lie in the pack is the writer's choice. */
export interface TaskDraft {
  /** As in the file; `sample_submission` and `secret_files` are workspace paths. */
  config: Omit<z.input<typeof TaskYaml>, Placed>;
  datasets: readonly DraftDataset[];
  /** Everything that the workspace starts with, hidden files included; paths in the workspace. */
  files: readonly DraftFile[];
  /** `requirements.txt` of a task with its own Python environment. */
  requirements: DraftFile | null;
  sidecar: z.input<typeof Sidecar>;
}

function asDraft(file: TaskFile, name = file.path): DraftFile {
  return { path: name, mode: file.mode, hostPath: file.hostPath };
}

/** The draft of a task that exists, to be written into another pack. Rejects as `loadPack` would report. */
export async function draftOf(task: PackTask): Promise<TaskDraft> {
  const {
    dataset_configs: _d,
    starter_code,
    requirements_path,
    sample_submission,
    secret_files,
    ...config
  } = task.config;
  const root = task.packRoot;
  const files = [
    ...task.starterFiles,
    ...task.hiddenFiles.filter((file) => !task.datasets.some((d) => d.isLocal) || !file.path.startsWith('data/')),
  ];
  let locals = 0;
  const datasets: DraftDataset[] = [];
  for (const dataset of task.datasetConfigs) {
    if (!dataset.is_local) {
      datasets.push({ ...dataset, files: null });
      continue;
    }
    const place = datasetPlace(locals++, dataset.data_path);
    const listed = await listFiles(root, await insidePack(root, dataset.data_path), place);
    datasets.push({ ...dataset, files: listed.map((file) => asDraft(file, file.path.slice(place.length + 1))) });
  }
  const sample = sample_submission === null ? null : path.normalize(sample_submission);
  const requirements = requirements_path === null || config.use_generic_conda ? null : requirements_path;
  const [requirementsFile] = requirements
    ? await listFiles(root, await insidePack(root, requirements), 'requirements.txt')
    : [];
  return {
    config: {
      ...config,
      secret_files: secret_files.length > 0 ? task.hiddenFiles.map((file) => file.path) : [],
      sample_submission:
        starter_code.some((entry) => path.normalize(entry) === sample) && sample ? path.basename(sample) : null,
    },
    datasets,
    files: files.map((file) => asDraft(file)),
    requirements: requirementsFile ? asDraft(requirementsFile) : null,
    sidecar: task.sidecar,
  };
}
