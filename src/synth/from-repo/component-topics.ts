import { z } from 'zod';
import { Topic } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import type { Teacher } from '../teacher/teacher.js';
import type { TopicAnswer, TopicAsker, TopicRequest } from '../topics/topic-asker.js';
import { faultOfEntryPoint } from './entry-point.js';
import { openSourceRepository } from './open-source-repository.js';
import type { Repository } from './repository.js';
import { indexRepository } from './repository-index.js';

const Component = Topic.omit({ component: true }).extend({
  files: z.array(z.string()).min(1).max(8).describe('files of the repository that the topic is about'),
  entry_point: z.string().describe('command that runs the component, from the top directory of the repository'),
});

/** @returns what makes answers fit the repository; the teacher gets to mend faults once */
function answerFor(repository: Repository) {
  return z.object({
    components: z.array(
      Component.superRefine(({ files, entry_point }, context) => {
        for (const file of files) {
          if (repository.file(file)?.text) continue;
          context.addIssue({ code: 'custom', path: ['files'], message: `${file} is no text file of the repository` });
        }
        const fault = faultOfEntryPoint(entry_point, repository);
        if (fault) context.addIssue({ code: 'custom', path: ['entry_point'], message: fault });
      }),
    ),
  });
}

/** Topics out of a code base: its components that are worth research, found by the teacher. */
export class ComponentTopics implements TopicAsker {
  constructor(
    private readonly settings: SynthSettings,
    private readonly teacherOf: (batch: number) => Teacher,
  ) {}

  async ask({ number, missing, accepted, rejected }: TopicRequest): Promise<TopicAnswer> {
    const { seed, topic_batch, environment, from_repo } = this.settings;
    const repository = await openSourceRepository(this.settings);
    const wanted = Math.min(topic_batch, missing);
    const question = {
      key: `batch/${number}`,
      prompt: 'repo-components',
      seed: seed + number,
      variables: {
        batch: number,
        count: wanted,
        wish: from_repo?.component ?? null,
        repository: {
          name: repository.name,
          commit: repository.commit,
          ...indexRepository(repository, environment.description),
        },
        accepted: accepted.map(({ title }) => title),
        rejected,
        environment: environment.description,
      },
    };
    const answer = await this.teacherOf(number).askJson(question, answerFor(repository));
    if ('fault' in answer) return { wanted, cells: [], fault: answer.fault };
    const topics = answer.value.components.map(
      ({ files, entry_point, ...topic }): Topic => ({ ...topic, component: { files, entry_point } }),
    );
    return { wanted, cells: [], topics };
  }
}
