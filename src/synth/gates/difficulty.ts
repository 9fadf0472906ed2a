import type { TrialGate } from '../verification/trial-subject.js';
import { isBeating } from './headroom.js';

/** G6: how many of the teacher's episodes beat the baseline. A label, which keeps no task from being published. */
export const difficultyGate: TrialGate = {
  name: 'difficulty',
  async judge(subject) {
    const { episodes } = subject.candidate;
    if (episodes.length === 0) return { verdict: 'skip', detail: 'no episode was played' };
    const valid = episodes.filter(({ score }) => score !== null).length;
    const solved = episodes.filter(({ score }) => score !== null && isBeating(subject, score)).length;
    const share = solved / episodes.length;
    const label = share === 0 ? 'unsolved' : share === 1 ? 'solved by all' : 'solved by some';
    const measured = { episodes: episodes.length, valid, solved, share, label };
    return { verdict: 'pass', detail: `${solved} of ${episodes.length} episodes beat the baseline`, measured };
  },
};
