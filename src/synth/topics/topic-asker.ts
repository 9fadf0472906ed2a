import type { Topic } from '../candidate.js';
import type { TeacherFault } from '../teacher/teacher.js';
import type { TopicIndex } from './topic-index.js';
import type { Cell } from './topics-file.js';

/** What a batch of topics is asked for with. */
export interface TopicRequest {
  /** From 1; the same question has the same number in every process. */
  number: number;
  /** Topics that are still wanted. */
  missing: number;
  accepted: readonly Topic[];
  /** Titles that were not taken. */
  rejected: readonly string[];
  index: TopicIndex;
}

/** What came of it. */
export type TopicAnswer = { wanted: number; cells: Cell[] } & ({ topics: Topic[] } | { fault: TeacherFault });

/** Where topics come from: the teacher's imagination, a list, a code base. */
export interface TopicAsker {
  /** @returns null when there are no more; throws as the teacher does */
  ask(request: TopicRequest): Promise<TopicAnswer | null>;
}
