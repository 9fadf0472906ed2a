import type { Topic } from '../candidate.js';
import { stems } from './text-features.js';
import { TextIndex } from './text-index.js';

/** @returns what is equal for titles of the same words, in whatever order and form; empty without words */
export function normalTitle(title: string): string {
  return [...new Set(stems(title))].sort().join(' ');
}

/** Titles count twice: summaries share more of their words by chance. */
function textOf(topic: Topic): string {
  return `${topic.title}. ${topic.title}. ${topic.summary}`;
}

/** Topics by what they are about; positions count from 0 in the order in which they were added. */
export class TopicIndex {
  private readonly texts = new TextIndex();
  private readonly titles = new Map<string, number>();

  static of(topics: readonly Topic[]): TopicIndex {
    const index = new TopicIndex();
    for (const topic of topics) index.add(topic);
    return index;
  }

  add(topic: Topic): void {
    const position = this.texts.add(textOf(topic));
    const title = normalTitle(topic.title);
    if (!this.titles.has(title)) this.titles.set(title, position);
  }

  /** @returns the topic whose title has the same words; null without one */
  repeated(topic: Topic): number | null {
    return this.titles.get(normalTitle(topic.title)) ?? null;
  }

  /** @returns the most similar topic and its cosine; null when there is none at all */
  nearest(topic: Topic): { position: number; cosine: number } | null {
    return this.best(this.texts.cosines(textOf(topic)), 1)[0] ?? null;
  }

  /** @returns the topics that are most about a text, the nearest first */
  nearestTo(text: string, count: number): number[] {
    return this.best(this.texts.cosines(text), count).map(({ position }) => position);
  }

  /** @returns for each topic its cosine with every topic, itself included */
  *cosines(): Generator<Float64Array> {
    for (let at = 0; at < this.texts.size; at += 1) yield this.texts.cosinesAt(at);
  }

  private best(cosines: Float64Array, count: number): { position: number; cosine: number }[] {
    const found = Array.from(cosines, (cosine, position) => ({ position, cosine }));
    if (count === 1)
      return found.length === 0 ? [] : [found.reduce((best, one) => (one.cosine > best.cosine ? one : best))];
    return found.sort((a, b) => b.cosine - a.cosine || a.position - b.position).slice(0, count);
  }
}
