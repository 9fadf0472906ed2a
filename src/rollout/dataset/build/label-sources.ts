import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { StorageFault } from '../../../files/storage-fault.js';
import { LabelFile } from '../../labels/label-file.js';
import { type LabelOptions, labelFiles } from '../../labels/label-files.js';
import type { LabelledFile, UnreadableFile } from '../../labels/labelled-file.js';
import type { TrajectorySource } from '../find-sources.js';

/** How sources are labelled. */
interface SourceOptions extends Omit<LabelOptions, 'cacheOf'> {
  /** Where labels are kept of sources that are no runs, and of runs of others. */
  labelsDirectory: string;
}

/**
 * Labels the trajectories of all sources. Labels of runs are kept with the run where this user may write there.
 * @returns one item for each request, in the order of the sources
 * @throws what a file of labels throws, and the signal's reason
 */
export async function* labelSources(
  sources: readonly TrajectorySource[],
  { labelsDirectory, ...options }: SourceOptions,
): AsyncGenerator<LabelledFile | UnreadableFile, void, undefined> {
  await mkdir(labelsDirectory, { recursive: true });
  const files = new Map<string, LabelFile>();
  try {
    const caches = new Map<string, LabelFile>();
    for (const source of sources) {
      const cache = openLabels(source, labelsDirectory, files);
      for (const { id } of source.requests) caches.set(id, cache);
    }
    const requests = sources.flatMap((source) => source.requests);
    yield* labelFiles(requests, { ...options, cacheOf: ({ id }) => caches.get(id) ?? null });
  } finally {
    for (const file of files.values()) file.close();
  }
}

/** Sources of one directory share a file, whose ids begin with the names of the sources. */
function openLabels(source: TrajectorySource, directory: string, files: Map<string, LabelFile>): LabelFile {
  const whole = path.resolve(source.path);
  const ours = path.join(
    directory,
    `${createHash('sha256').update(path.dirname(whole)).digest('hex').slice(0, 32)}.sqlite`,
  );
  for (const place of source.labels === null ? [ours] : [source.labels, ours]) {
    const known = files.get(place);
    if (known) return known;
    try {
      const opened = LabelFile.open(place);
      files.set(place, opened);
      return opened;
    } catch (error) {
      // Runs of others can be read too.
      if (!(error instanceof StorageFault) || place === ours) throw error;
    }
  }
  throw new Error('unreachable');
}
