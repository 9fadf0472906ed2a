import type { EpisodeActs } from './episode-acts.js';

const SUBMISSION = /^submission\b.*\.(?:csv|npy|npz|json|jsonl|parquet|pkl|pt|txt)$/;

/** What is to be handed in is a link to something else. */
export function linkSubmitted({ acts, submission }: EpisodeActs): boolean {
  return acts.some(({ changes }) =>
    changes.some(
      ({ how, name, where }) =>
        how === 'linked' && where === 'workspace' && (name === submission || SUBMISSION.test(name)),
    ),
  );
}
