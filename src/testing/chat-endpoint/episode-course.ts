import { uniform } from '../../run/uniform.js';
import type { Solution } from './solution.js';
import { COURSES, type Course, type Temper } from './temper.js';

/** What decides an episode: who plays which task, and by which seed. */
export interface Player {
  model: string;
  seed: number;
  solution: Solution;
  temper: Temper;
}

/** Steps after which a model gives up. */
const LEAVES_AFTER = [1, 6] as const;
/** Actions that change what is handed in; what comes before them is the baseline. */
const CHANGES = /^\s*(?:create|edit|insert|sed -i|cat >|tee )\b/;
const SENTENCES = [
  'The output tells me what the columns mean, so the next step is to see how the numbers are distributed.',
  'Before I change anything I want to know how far the baseline is from what is possible here.',
  'The split looks fair, and nothing suggests that rows of the test set stand in the training set.',
  'A smaller change that can be measured is worth more than a large one that cannot.',
  'I keep the best version and try the next idea beside it, because the number of steps is limited.',
  'The error is dominated by a few cases; a model that treats them apart should gain most.',
  'That took less time than I expected, so there is room for a search over two or three settings.',
  'If the score of the validation does not move, the features are the limit and not the model.',
];

/** One episode of a model of the stand-in, as a function of its player: the same seed, the same actions. */
export class EpisodeCourse {
  readonly course: Course;
  readonly #actions: readonly string[];

  constructor(private readonly player: Player) {
    this.course = this.#drawCourse();
    this.#actions = this.#withDetours(this.#plan());
  }

  /** @param index of the action, from 0 */
  action(index: number): string {
    const planned = this.#actions[index];
    if (planned !== undefined) return planned;
    return this.course === 'wanders' ? this.#detour(index) : 'submit';
  }

  /** @returns whether an answer holds no action @param failed answers without one since the last action */
  isFormatError(index: number, failed: number): boolean {
    return this.#chance('format', index, failed) < this.player.temper.format;
  }

  /** @returns what is said before an action */
  thought(index: number): string {
    const length = this.#within('thoughts', this.player.temper.thoughts, index);
    if (length === 0) return 'The next recorded action.';
    let text = '';
    for (let at = 0; text.length < length; at++) {
      text += `${SENTENCES[Math.floor(this.#chance('sentence', index, at) * SENTENCES.length)]} `;
    }
    return text.slice(0, length).trimEnd();
  }

  latencyMs(index: number, failed: number): number {
    const [least, most] = this.player.temper.latency;
    return least + (most - least) * this.#chance('latency', index, failed);
  }

  #plan(): readonly string[] {
    const { actions } = this.player.solution;
    const change = actions.findIndex((action) => CHANGES.test(action));
    const opening = actions.slice(0, change < 0 ? 0 : change).filter((action) => action !== 'validate');
    switch (this.course) {
      case 'solves':
        return actions;
      case 'baseline':
        return [...opening, 'submit'];
      case 'wanders':
        return [];
      case 'leaves': {
        const steps = this.#within('leaves', LEAVES_AFTER);
        return [...Array.from({ length: steps }, (_, at) => this.#detour(at)), 'exit_forfeit'];
      }
    }
  }

  /** Detours are before an action each, at places that are drawn; a viewer keeps the file that it shows. */
  #withDetours(plan: readonly string[]): readonly string[] {
    if (plan.length === 0) return plan;
    const count = this.#within('detours', this.player.temper.detours);
    const places = Array.from({ length: count }, (_, at) => Math.floor(this.#chance('place', at) * plan.length));
    return plan.flatMap((action, at) => [
      ...places.flatMap((place, number) => (place === at ? [this.#detour(number)] : [])),
      action,
    ]);
  }

  #detour(number: number): string {
    const bytes = this.#within('output', this.player.temper.output, number);
    const reads = [
      `cat *.py 2>/dev/null | head -c ${bytes}`,
      `find . -type f | head -n 50 | xargs head -c 400 2>/dev/null | head -c ${bytes}`,
      `grep -n "" *.py 2>/dev/null | head -c ${bytes}`,
      `seq 1 100000 | head -c ${bytes}`,
      `echo "${number}: nothing yet" >> notes.txt; cat notes.txt`,
    ];
    return reads[Math.floor(this.#chance('detour', number) * reads.length)]!;
  }

  #drawCourse(): Course {
    const { temper } = this.player;
    let left = this.#chance('course') * COURSES.reduce((sum, course) => sum + temper[course], 0);
    for (const course of COURSES) {
      left -= temper[course];
      if (left < 0) return course;
    }
    return 'solves';
  }

  #within(what: string, [least, most]: readonly [number, number], at = 0): number {
    return Math.floor(least + (most - least + 1) * this.#chance(what, at));
  }

  #chance(...parts: readonly (string | number)[]): number {
    const { model, seed, solution } = this.player;
    return uniform(seed, model, solution.match, ...parts);
  }
}
