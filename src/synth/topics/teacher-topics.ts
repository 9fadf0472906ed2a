import { z } from 'zod';
import { Topic } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import type { Teacher } from '../teacher/teacher.js';
import { chooseCells } from './choose-cells.js';
import type { TopicAnswer, TopicAsker, TopicRequest } from './topic-asker.js';

/** Up to this many accepted topics are shown whole; of more, the titles that matter and counts. */
const SHOWN_WHOLE = 60;
const SHOWN_LAST = 40;
const SHOWN_SIMILAR = 3;
const SHOWN_REJECTED = 30;

const TopicsAnswer = z.object({ topics: z.array(Topic.omit({ component: true })) });

function counts(topics: readonly Topic[]): { area: string; count: number }[] {
  const found = new Map<string, number>();
  for (const { area } of topics) found.set(area, (found.get(area) ?? 0) + 1);
  return [...found].map(([area, count]) => ({ area, count })).sort((a, b) => b.count - a.count);
}

/** What the teacher is shown of the accepted topics: all, or those near to what is asked for and the last ones. */
function shown(
  { accepted, index }: TopicRequest,
  cells: readonly Topic[] | readonly Record<string, string>[],
): Topic[] {
  if (accepted.length <= SHOWN_WHOLE) return [...accepted];
  const last = accepted.map((_, at) => at).slice(-SHOWN_LAST);
  const near = cells.flatMap((cell) => index.nearestTo(Object.values(cell).join(' '), SHOWN_SIMILAR));
  return [...new Set([...near, ...last])].sort((a, b) => a - b).map((at) => accepted[at]!);
}

/** Topics that the teacher thinks of, each batch in the places of the grid that are rare so far. */
export class TeacherTopics implements TopicAsker {
  /** @param teacherOf whom a batch is asked of, by its number */
  constructor(
    private readonly settings: Pick<SynthSettings, 'seed' | 'topic_batch' | 'environment'>,
    private readonly teacherOf: (batch: number) => Teacher,
  ) {}

  async ask(request: TopicRequest): Promise<TopicAnswer> {
    const { number, missing, accepted, rejected } = request;
    const { topic_batch, environment } = this.settings;
    const seed = this.settings.seed + number;
    const wanted = Math.min(topic_batch, missing);
    const cells = chooseCells(accepted, wanted, seed);
    const question = {
      key: `batch/${number}`,
      prompt: 'topics',
      seed,
      variables: {
        batch: number,
        count: wanted,
        cells,
        accepted: shown(request, cells),
        accepted_count: accepted.length,
        shows_all: accepted.length <= SHOWN_WHOLE,
        areas: counts(accepted),
        rejected: rejected.slice(-SHOWN_REJECTED),
        environment: environment.description,
      },
    };
    const answer = await this.teacherOf(number).askJson(question, TopicsAnswer);
    return 'fault' in answer ? { wanted, cells, fault: answer.fault } : { wanted, cells, topics: answer.value.topics };
  }
}
