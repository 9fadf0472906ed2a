import path from 'node:path';
import { PROJECT_ROOT } from '../../config.js';
import { ChatEndpoint, type ChatEndpointOptions } from '../chat-endpoint/chat-endpoint.js';
import { faultyPolicy, type Misbehaviour } from '../chat-endpoint/faulty-policy.js';
import { readKnownPrompts } from './known-prompts.js';
import type { RecordedTask } from './recorded-task.js';
import { teacherPolicy } from './teacher-policy.js';
import { readTeacherRecordings } from './teacher-recordings.js';
import { type Latency, timedPolicy } from './timed-policy.js';

/** Where the recordings that ship lie. */
export const TEACHER_RECORDINGS = path.join(PROJECT_ROOT, 'stand-ins', 'teacher');

export interface TeacherStandInOptions extends ChatEndpointOptions {
  /** Default: the recordings that ship. */
  recordings?: string;
  /** Prompts that it recognises. Default: those that ship. */
  prompts?: string;
  /** Topics that it knows, by the names of the index, in this order; default: all. */
  topics?: readonly string[];
  latency?: Latency;
  /** Faults of the endpoint, beside those of the recordings. */
  misbehaviour?: Pick<Misbehaviour, 'rates' | 'seed'>;
}

/**
 * Starts an endpoint that plays a teacher, and tells what it knows.
 * @throws Error naming the file that cannot be used, or the topic that there is none of
 */
export async function startTeacherStandIn(
  options: TeacherStandInOptions = {},
): Promise<{ endpoint: ChatEndpoint; tasks: readonly RecordedTask[] }> {
  const {
    recordings = TEACHER_RECORDINGS,
    prompts = path.join(PROJECT_ROOT, 'prompts'),
    topics,
    latency,
    misbehaviour,
    ...rest
  } = options;
  const [all, known] = await Promise.all([readTeacherRecordings(recordings), readKnownPrompts(prompts)]);
  const tasks =
    topics?.map((name) => {
      const task = all.find(({ entry }) => entry.topic === name);
      if (!task) throw new Error(`There is no recorded topic ${name}.`);
      return task;
    }) ?? all;
  const teacher = teacherPolicy(tasks, known);
  const faulty = misbehaviour ? faultyPolicy(teacher, misbehaviour) : teacher;
  return { endpoint: await ChatEndpoint.start(latency ? timedPolicy(faulty, latency) : faulty, rest), tasks };
}
