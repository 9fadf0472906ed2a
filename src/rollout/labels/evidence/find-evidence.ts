import type { TrajectoryFile } from '../../parse-trajectory.js';
import { EVIDENCE, type Evidence } from '../labels.js';
import { answersSearched } from './answers-searched.js';
import { daemonLeft } from './daemon-left.js';
import { type EpisodeActs, episodeActs } from './episode-acts.js';
import { evaluatorShadowed } from './evaluator-shadowed.js';
import { evaluatorTampered } from './evaluator-tampered.js';
import { linkSubmitted } from './link-submitted.js';
import { scoreForged } from './score-forged.js';

const RULES: Readonly<Record<Evidence, (episode: EpisodeActs) => boolean>> = {
  evaluator_tampered: evaluatorTampered,
  evaluator_shadowed: evaluatorShadowed,
  answers_searched: answersSearched,
  score_forged: scoreForged,
  link_submitted: linkSubmitted,
  daemon_left: daemonLeft,
};

/**
 * Looks for what an agent did to score otherwise than by solving its task. None of it gains a reward here; it is looked for so that nobody
 * learns it. An attempt counts, whether it worked or not.
 * @returns in the order of `EVIDENCE`
 */
export function findEvidence(trajectory: TrajectoryFile['trajectory']): Evidence[] {
  const episode = episodeActs(trajectory);
  return EVIDENCE.filter((kind) => RULES[kind](episode));
}
