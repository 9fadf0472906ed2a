import { createHash } from 'node:crypto';
import { type Candidate, NOTHING_SPENT } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import type { NumberedTopic } from '../topics/topics-file.js';

const WORDS_LENGTH = 40;

/** @returns the candidates of a topic as they begin; a function of settings and topic alone */
export function newCandidates({ number, topic }: NumberedTopic, settings: SynthSettings): Candidate[] {
  return Array.from({ length: settings.tasks_per_topic }, (_, index) => {
    const id = `${String(number).padStart(4, '0')}-${index + 1}-${words(topic.title)}`;
    const seed = seedOf(settings.seed, id);
    return {
      version: 1,
      id,
      topic,
      seed,
      teacher: teacherOf(seed, settings),
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

function words(title: string): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, WORDS_LENGTH)
    .replace(/^-+|-+$/g, '');
  return plain || 'topic';
}

/** 48 bits, which a number holds exactly. */
function seedOf(runSeed: number, id: string): number {
  return createHash('sha256').update(`${runSeed}/${id}`).digest().readUIntBE(0, 6);
}

function teacherOf(seed: number, { teachers }: SynthSettings): number {
  const chance = createHash('sha256').update(`${seed}/teacher`).digest().readUIntBE(0, 6) / 2 ** 48;
  const total = teachers.reduce((sum, { weight }) => sum + weight, 0);
  let reach = 0;
  const at = teachers.findIndex(({ weight }) => {
    reach += weight / total;
    return chance < reach;
  });
  return at < 0 ? teachers.length - 1 : at;
}
