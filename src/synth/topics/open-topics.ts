import type { Spent } from '../../run/spent.js';
import type { SynthSettings } from '../settings.js';
import type { Teacher } from '../teacher/teacher.js';
import { ListedTopics } from './listed-topics.js';
import { TeacherTopics } from './teacher-topics.js';
import type { TopicAsker } from './topic-asker.js';
import { TopicSource } from './topic-source.js';

/** What the topics of a run come from. */
export interface OpenTopicsOptions {
  settings: SynthSettings;
  /** `topics.json` of the run. */
  file: string;
  /** Whom a batch is asked of, by its number from 1; keys of questions are `batch/<number>`. */
  teacherOf: (batch: number) => Teacher;
  /** Components of a code base, where the run makes tasks from one. */
  components?: TopicAsker;
  /** See `TopicSourceOptions`. */
  targets?: readonly (number | undefined)[];
  /** What this process has spent on topics so far. */
  spent?: () => Spent;
  tell?: (doing: string) => void;
}

/**
 * Opens the topics that the settings ask for: of a code base, of a list of one's own (all of it, near-duplicates included), else the
 * teacher's. Rejects when the file of topics cannot be read.
 */
export function openTopics({ settings, teacherOf, components, ...rest }: OpenTopicsOptions): Promise<TopicSource> {
  if (settings.from_repo !== null) {
    if (!components) throw new Error('A run from a code base takes its topics from the components of that code base');
    return TopicSource.open({
      ...rest,
      asker: components,
      topics: settings.topics,
      similarity: settings.topic_similarity,
    });
  }
  if (settings.topic_list.length > 0) {
    const asker = new ListedTopics(settings, teacherOf);
    return TopicSource.open({ ...rest, asker, topics: settings.topic_list.length, similarity: Infinity });
  }
  const asker: TopicAsker = new TeacherTopics(settings, teacherOf);
  return TopicSource.open({ ...rest, asker, topics: settings.topics, similarity: settings.topic_similarity });
}
