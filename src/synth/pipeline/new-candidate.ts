import { pickTeacher } from '../../run/pick-teacher.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import { uniform } from '../../run/uniform.js';
import type { Candidate } from '../candidate.js';
import { candidateId } from '../candidate-id.js';
import type { SynthSettings } from '../settings.js';
import type { NumberedTopic } from '../topics/topics-file.js';

const SEEDS = 2 ** 48;

/** @returns the candidates of a topic as they begin; a function of settings and topic alone */
export function newCandidates({ number, topic }: NumberedTopic, settings: SynthSettings): Candidate[] {
  const weights = settings.teachers.map(({ weight }) => weight);
  return Array.from({ length: settings.tasks_per_topic }, (_, index) => {
    const id = candidateId(number, index + 1, topic.title);
    const seed = Math.floor(uniform('candidate', settings.seed, id) * SEEDS);
    return {
      version: 1,
      id,
      topic,
      seed,
      teacher: pickTeacher(seed, weights),
      state: 'proposal',
      proposal: null,
      grounding: null,
      attempts: [],
      baseline: null,
      episodes: [],
      reason: null,
      detail: null,
      ended_in: null,
      env_id: null,
      spent: NOTHING_SPENT,
      retries: 0,
    } satisfies Candidate;
  });
}
