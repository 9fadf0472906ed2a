import { z } from 'zod';
import { createHistoryProcessor } from '../../agent/history/create-history-processor.js';
import type { HistoryItem } from '../../agent/history/history-item.js';
import type { ChatMessage } from '../../agent/models/model.js';
import type { TrajectoryFile } from '../read-trajectory.js';

const Specs = z.array(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('full') }),
    z.object({ type: z.literal('last_observations'), n: z.int(), polling: z.int().optional() }),
    z.object({ type: z.literal('closed_window') }),
    z.object({ type: z.literal('remove_regex'), patterns: z.array(z.string()), keepLast: z.int() }),
    z.object({ type: z.literal('append_only'), keep: z.int(), every: z.int() }),
  ]),
);

/**
 * What the model saw of a history, by the processors that its trajectory records.
 * @returns null where the file does not say it, or names a processor that is not known here
 */
export function recordedView({
  gymsmith,
}: TrajectoryFile['trajectory']): ((items: readonly HistoryItem[]) => ChatMessage[]) | null {
  const config = gymsmith?.agent.config as { history?: unknown } | null | undefined;
  const specs = Specs.safeParse(config?.history);
  if (!specs.success) return null;
  try {
    return createHistoryProcessor(specs.data);
  } catch {
    return null;
  }
}
