import type { HistoryItem } from '../../agent/history/history-item.js';

/** Words of the loop where a model could not go on; they stand where its own would. */
const GAVE_UP = /^exit_(?:context|cost|error|api|format)$/;
const GAVE_UP_THOUGHT = 'Exit due to';

/**
 * Whether a turn is something to learn from: the model's own words, which were an action. Demonstrations are not its words; what the
 * loop says for a model that cannot go on is neither; an answer that was given up as unreadable is no action.
 */
export function isLearnt({ role, content, thought, action, is_demo, tool_calls }: HistoryItem): boolean {
  if (role !== 'assistant' || is_demo === true) return false;
  if (content.trim() === '' && !tool_calls) return false;
  return !(GAVE_UP.test(action ?? '') && (thought ?? '').startsWith(GAVE_UP_THOUGHT));
}

/** @returns the history up to its last turn that is learnt; empty when there is none */
export function upToLastLearnt(history: readonly HistoryItem[]): readonly HistoryItem[] {
  return history.slice(0, history.findLastIndex(isLearnt) + 1);
}
