import { StorageFault } from '../../files/storage-fault.js';
import type { TrajectorySource } from '../../rollout/dataset/find-sources.js';
import { LabelFile } from '../../rollout/labels/label-file.js';
import { type LabelProgress, labelFiles } from '../../rollout/labels/label-files.js';
import type { LabelledFile, UnreadableFile } from '../../rollout/labels/labelled-file.js';
import type { StudentTokenizer } from '../../rollout/tokens/student-tokenizer.js';

/**
 * Labels the trajectories of all sources, one source after another. Labels of runs are kept with the run, if this user may write there; those of
 * other directories are not.
 * @throws the signal's reason, and what a file of labels throws
 */
export async function* labelSources(
  sources: readonly TrajectorySource[],
  {
    tokenizer,
    signal,
    onProgress,
  }: { tokenizer: StudentTokenizer; signal: AbortSignal; onProgress: (progress: LabelProgress) => void },
): AsyncGenerator<LabelledFile | UnreadableFile, void, undefined> {
  const of = sources.reduce((sum, { requests }) => sum + requests.length, 0);
  let before = 0;
  for (const { requests, labels } of sources) {
    const kept = labels === null ? null : openLabels(labels);
    const done = before;
    try {
      yield* labelFiles(requests, {
        tokenizer,
        signal,
        cacheOf: () => kept,
        onProgress: (progress) => onProgress({ ...progress, done: done + progress.done, of }),
      });
    } finally {
      kept?.close();
    }
    before += requests.length;
  }
}

/** @returns null where nothing can be kept: runs of others can be looked at too */
function openLabels(file: string): LabelFile | null {
  try {
    return LabelFile.open(file);
  } catch (error) {
    if (error instanceof StorageFault) return null;
    throw error;
  }
}
