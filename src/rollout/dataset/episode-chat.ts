import type { TrajectoryFile } from '../read-trajectory.js';
import type { RowMessage } from './dataset-row.js';
import { historyOf } from './history-of.js';
import { isLearnt, upToLastLearnt } from './is-learnt.js';
import { offeredTools } from './offered-tools.js';
import { rowMessage } from './row-message.js';

/** A chat, and which of its messages are learnt. */
export interface LearntChat {
  messages: RowMessage[];
  tools: readonly string[];
  /** By the message: true for the assistant turns that loss is computed on. */
  learnt: boolean[];
}

/**
 * The whole chat of an episode, every observation in full, up to the last turn of the model that is an action. What the loop said in
 * its stead at the end is not in it; nor are answers that were refused on the way, which trajectories do not keep.
 * @returns no messages where there is no such turn
 */
export function episodeChat(trajectory: TrajectoryFile['trajectory']): LearntChat {
  const items = upToLastLearnt(historyOf(trajectory));
  return { messages: items.map(rowMessage), tools: offeredTools(trajectory), learnt: items.map(isLearnt) };
}
