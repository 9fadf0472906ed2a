import { createHash } from 'node:crypto';

/**
 * Tells which attempt a question for programs belongs to: equal questions are the same attempt however often they are asked, and those
 * of a topic count in the order in which they come first.
 */
export class AttemptCounter {
  readonly #asked = new Map<string, { print: string; isRepair: boolean }[]>();

  /**
   * @param question what makes it this one: its words and its seed
   * @returns `number` among all attempts of the topic, `repairs` since the last time that was no repair; both from 0
   */
  count(topic: string, question: unknown, isRepair: boolean): { number: number; repairs: number } {
    const print = createHash('sha256').update(JSON.stringify(question)).digest('base64');
    const asked = this.#asked.get(topic) ?? [];
    this.#asked.set(topic, asked);
    if (!asked.some((known) => known.print === print)) asked.push({ print, isRepair });
    const number = asked.findIndex((known) => known.print === print);
    const fresh = asked.slice(0, number + 1).findLastIndex((known) => !known.isRepair);
    return { number, repairs: number - fresh };
  }
}
