import { z } from 'zod';
import { Topic } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import type { Teacher } from '../teacher/teacher.js';
import type { TopicAnswer, TopicAsker, TopicRequest } from './topic-asker.js';

const Elaborated = z.object({
  topics: z.array(
    z
      .object({ number: z.int().positive().describe('number of the topic in the list') })
      .extend(Topic.omit({ title: true, component: true }).shape),
  ),
});

/**
 * Topics of a list of one's own: the teacher says what each is about; where it does not, a topic is taken as it stands. Titles stay as
 * they were written.
 */
export class ListedTopics implements TopicAsker {
  constructor(
    private readonly settings: Pick<SynthSettings, 'seed' | 'topic_batch' | 'topic_list' | 'environment'>,
    private readonly teacherOf: (batch: number) => Teacher,
  ) {}

  async ask({ number }: TopicRequest): Promise<TopicAnswer | null> {
    const { topic_batch, topic_list, environment, seed } = this.settings;
    const titles = topic_list.slice((number - 1) * topic_batch, number * topic_batch);
    if (titles.length === 0) return null;
    const answer = await this.teacherOf(number).askJson(
      {
        key: `batch/${number}`,
        prompt: 'topic-list',
        seed: seed + number,
        variables: { batch: number, titles, environment: environment.description },
      },
      Elaborated,
    );
    const known = new Map('fault' in answer ? [] : answer.value.topics.map((one) => [one.number, one] as const));
    const topics = titles.map((title, at): Topic => {
      const { number: _number, ...rest } = known.get(at + 1) ?? {
        number: at + 1,
        summary: title,
        area: 'own',
        modality: 'unspecified',
        problem: 'unspecified',
        constraint: 'unspecified',
      };
      return { title, ...rest };
    });
    return { wanted: titles.length, cells: [], topics };
  }
}
