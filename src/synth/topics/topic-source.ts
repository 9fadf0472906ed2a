import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from '../../files/write-atomically.js';
import type { Spent } from '../../run/spent.js';
import { sumSpent } from '../../run/sum-spent.js';
import type { Topic } from '../candidate.js';
import { readTopics } from './read-topics.js';
import type { TopicAsker } from './topic-asker.js';
import { normalTitle, TopicIndex } from './topic-index.js';
import { type NumberedTopic, TopicsFile } from './topics-file.js';

/** Batches in a row that bring nothing new, or no answer that can be read, before it is given up. */
const BARREN_BATCHES = 4;
const MAX_TITLE_CHARACTERS = 200;

export interface TopicSourceOptions {
  /** `topics.json` of the run. */
  file: string;
  /** Topics that are to be accepted. */
  topics: number;
  /** Topics that another run was to have at each of its batches, which is played again and had ever more of them. */
  targets?: readonly (number | undefined)[];
  /** Cosine from which on two topics are near-duplicates. */
  similarity: number;
  asker: TopicAsker;
  /** What this process has spent on topics so far; nothing: it is not counted. */
  spent?: () => Spent;
  tell?: (doing: string) => void;
}

type Rejection = TopicsFile['rejected'][number];

/**
 * The topics of a run, in the order in which they were accepted. What is known is saved after each batch, before any of its topics is
 * handed out; a process that takes up the file hands out the same topics under the same numbers, and asks on where the last one ended.
 * The outcome follows from the answers alone.
 */
export class TopicSource implements AsyncIterable<NumberedTopic> {
  private index: TopicIndex;
  private readonly before: Spent;
  private asking: Promise<void> | null = null;

  private constructor(
    private readonly options: TopicSourceOptions,
    private state: TopicsFile,
  ) {
    this.index = TopicIndex.of(state.accepted.map(({ topic }) => topic));
    this.before = state.spent;
  }

  /** Takes up the file where there is one. @throws RunError when it is damaged */
  static async open(options: TopicSourceOptions): Promise<TopicSource> {
    const read = await readTopics(options.file);
    // A run that is asked for more topics goes on.
    const goesOn = read.end?.why === 'complete' && read.accepted.length < options.topics;
    return new TopicSource(options, goesOn ? { ...read, end: null } : read);
  }

  /** What is known now: batches, accepted and rejected topics, what was spent, and how it ended. Not to be changed. */
  get known(): TopicsFile {
    return this.state;
  }

  /**
   * Accepted topics from the first one on, asking for more as they are consumed. Ends when there are enough, or when no progress is
   * made (`known.end` says which). Throws as the teacher does: StageFault, BudgetReached, the signal's reason; what is known stays.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<NumberedTopic> {
    for (let at = 0; at < this.options.topics; at += 1) {
      while (at >= this.state.accepted.length) {
        if (this.state.end !== null) return;
        this.asking ??= this.askMore().finally(() => {
          this.asking = null;
        });
        await this.asking;
      }
      yield { number: at + 1, topic: this.state.accepted[at]!.topic };
    }
  }

  private async askMore(): Promise<void> {
    const { topics, asker, tell } = this.options;
    const { accepted, batches } = this.state;
    if (accepted.length >= topics) return this.close('complete', `${accepted.length} topics`);
    const number = batches.length + 1;
    const target = this.targetOf(number);
    tell?.(`batch ${number}: ${accepted.length} of ${topics} topics`);
    const asked = await asker.ask({
      number,
      missing: target - accepted.length,
      accepted: accepted.map(({ topic }) => topic),
      rejected: this.state.rejected.map(({ title }) => title),
      index: this.index,
    });
    if (asked === null) return this.close('exhausted', `${accepted.length} of ${topics} topics: there are no more`);
    const next = structuredClone(this.state);
    const answered = 'topics' in asked ? asked.topics : [];
    for (const topic of answered) this.judge(topic, number, next, target);
    next.batches.push({
      number,
      wanted: asked.wanted,
      target,
      cells: asked.cells,
      answered: answered.length,
      accepted: next.accepted.length - accepted.length,
      fault: 'fault' in asked ? asked.fault : null,
    });
    const barren = next.batches.length - 1 - next.batches.findLastIndex((batch) => batch.accepted > 0);
    if (next.accepted.length >= topics) next.end = { why: 'complete', detail: `${next.accepted.length} topics` };
    else if (barren >= BARREN_BATCHES) next.end = { why: 'no_progress', detail: this.noProgress(next, barren) };
    await this.save(next);
  }

  private targetOf(batch: number): number {
    const { topics, targets } = this.options;
    const then = targets?.[batch - 1];
    return then !== undefined && then < topics && then > this.state.accepted.length ? then : topics;
  }

  private judge(raw: Topic, batch: number, into: TopicsFile, target: number): void {
    const topic = { ...raw, title: raw.title.replace(/\s+/g, ' ').trim() };
    const fault = this.faultOf(topic, into.accepted, target);
    if (fault !== null) {
      into.rejected.push({ title: topic.title.slice(0, MAX_TITLE_CHARACTERS), batch, ...fault });
      return;
    }
    into.accepted.push({ topic, batch });
    this.index.add(topic);
  }

  private faultOf(
    topic: Topic,
    accepted: TopicsFile['accepted'],
    target: number,
  ): Pick<Rejection, 'reason' | 'detail'> | null {
    if (normalTitle(topic.title) === '') return { reason: 'malformed', detail: 'the title has no words' };
    if (topic.title.length > MAX_TITLE_CHARACTERS) return { reason: 'malformed', detail: 'the title is too long' };
    if (accepted.length >= target) return { reason: 'surplus', detail: 'there are enough topics' };
    const same = this.index.repeated(topic);
    if (same !== null) return { reason: 'repeated', detail: `topic ${same + 1}: ${accepted[same]!.topic.title}` };
    const near = this.index.nearest(topic);
    if (near === null || near.cosine < this.options.similarity) return null;
    const other = accepted[near.position]!.topic.title;
    return {
      reason: 'similar',
      detail: `topic ${near.position + 1}, similarity ${near.cosine.toFixed(3)}: ${other}`,
    };
  }

  private noProgress(state: TopicsFile, barren: number): string {
    const last = state.batches.at(-1)!;
    const why = last.fault
      ? `the last answer was ${last.fault.kind}: ${last.fault.detail}`
      : 'every topic of them repeats an accepted one';
    const { topics, similarity } = this.options;
    return `${state.accepted.length} of ${topics} topics; ${barren} batches in a row brought none: ${why}. Another teacher, a higher temperature or a higher topic_similarity (${similarity}) may bring more.`;
  }

  private close(why: NonNullable<TopicsFile['end']>['why'], detail: string): Promise<void> {
    return this.save({ ...this.state, end: { why, detail } });
  }

  private async save(next: TopicsFile): Promise<void> {
    next.spent = this.options.spent ? sumSpent(this.before, this.options.spent()) : this.before;
    try {
      await mkdir(path.dirname(this.options.file), { recursive: true });
      await writeAtomically(this.options.file, [Buffer.from(`${JSON.stringify(TopicsFile.parse(next), null, 1)}\n`)]);
    } catch (error) {
      // Topics of the batch are in it already.
      this.index = TopicIndex.of(this.state.accepted.map(({ topic }) => topic));
      throw error;
    }
    this.state = next;
  }
}
