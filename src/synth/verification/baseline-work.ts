import type { StageContext } from '../stage.js';
import { keptWork } from './attempt-work.js';
import type { Bench } from './bench.js';
import type { GateEpisode } from './gate-episode.js';
import { runBaseline } from './scored-work.js';

/** Where the work of the baseline is kept inside an episode. */
const COPY = '/tmp/.handed-in';

/**
 * Plays an episode whose workspace holds what the baseline handed in: as it was kept, or made again.
 * @throws as `Bench.play` and `runBaseline` do
 */
export function playWithWork<T>(
  { bench, directory, context }: { bench: Bench; directory: string; context: Pick<StageContext, 'settings'> },
  act: (episode: GateEpisode) => Promise<T>,
): Promise<T> {
  return bench.play(async (episode) => {
    const kept = await keptWork(directory);
    if (kept === null) await runBaseline(episode, context, 0);
    for (const file of kept ?? []) await episode.put(file.path, file.contents);
    return act(episode);
  });
}

/** Keeps what lies in the workspace, data and all, for `restore`. */
export async function keepCopy(episode: GateEpisode): Promise<void> {
  await episode.bash(`rm -rf ${COPY} && mkdir ${COPY} && tar -C ~/workspace --exclude=./data -cf ${COPY}/all.tar .`);
}

/** Puts back what was kept over what is there. */
export async function restoreCopy(episode: GateEpisode): Promise<void> {
  await episode.clear();
  await episode.bash(`tar -C ~/workspace --overwrite -xf ${COPY}/all.tar 2>/dev/null; true`);
}
