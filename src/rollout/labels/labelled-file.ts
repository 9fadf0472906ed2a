import { z } from 'zod';
import { type LabelledTrajectory, Labels, TurnTokens } from './labels.js';

/** A trajectory that is to be labelled. */
export interface LabelRequest {
  /** Stable and unique within a dataset; `LabelledTrajectory` says how it is made. */
  id: string;
  file: string;
  /** What its contents were when it was recorded: one that was changed since is told as a fault. Unset: nobody knows. */
  sha256?: string;
}

/** What is kept of a trajectory that was labelled, so that its file need not be read again for labels. */
export const KeptLabels = z.strictObject({
  labels: Labels,
  turns: TurnTokens,
  sha256: z.string().describe('of the file'),
  bytes: z.int().min(0),
});
export type KeptLabels = z.output<typeof KeptLabels>;

/** A trajectory with what was found out about it. */
export type LabelledFile = LabelledTrajectory & KeptLabels & { fault: null };

/** A file that is no trajectory that can be read. */
export interface UnreadableFile {
  id: string;
  file: string;
  /** Names the file and says what is wrong. */
  fault: string;
}

/** Where labels are kept from one build to the next. */
export interface LabelCache {
  /** @param key of contents, software and tokenizer: other labels than those of this key are of no use */
  labels(id: string, key: string): KeptLabels | undefined;
  /** Keeps some at once. What is kept under another key of the same id may go. */
  putLabels(entries: readonly { id: string; key: string; kept: KeptLabels }[]): void;
}
