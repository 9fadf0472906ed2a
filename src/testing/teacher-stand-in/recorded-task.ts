import type { ChatTurn } from '../chat-endpoint/chat-turn.js';
import type { Programs, Recorded } from './faults/fault.js';
import { FAULTS } from './faults/faults.js';
import type { IndexEntry, TopicRecording } from './recorded-topic.js';

/** What was read of a topic, its texts with the topic's words in place. */
export interface RecordedParts {
  entry: IndexEntry;
  recording: TopicRecording;
  proposal: Record<string, unknown>;
  programs: Programs;
  actions: readonly string[];
}

/** The replies to everything that is asked about one topic. */
export class RecordedTask {
  constructor(private readonly parts: RecordedParts) {}

  get entry(): IndexEntry {
    return this.parts.entry;
  }

  get topic(): TopicRecording['topic'] {
    return this.parts.recording.topic;
  }

  /** A text by which prompts of a player are recognised. */
  get goal(): string {
    return String(this.parts.proposal.description).trim().split('\n')[0] ?? '';
  }

  propose(isSecondTry: boolean): ChatTurn {
    return json(this.parts.proposal, this.entry.proposal, isSecondTry);
  }

  design(isSecondTry: boolean): ChatTurn {
    const { design } = this.parts.recording;
    if (design === null) throw new Error(`${this.entry.topic} has no design`);
    const sound = {
      suitable: true,
      reason: 'Its columns hold what the task asks for.',
      config: 'default',
      split: 'train',
    };
    return json({ ...sound, ...design }, this.entry.design, isSecondTry);
  }

  /** @param attempt from 0 */
  write(attempt: number, isSecondTry: boolean): ChatTurn {
    const { names, programs } = this.#attempt(attempt);
    const earlier = attempt > 0 ? [...this.#attempt(attempt - 1).programs.keys()] : [];
    const removed = earlier.filter((path) => !programs.has(path)).map((path) => `DELETE: ${path}`);
    return said([...removed, filesText(programs)].join('\n\n'), names, isSecondTry);
  }

  #attempt(number: number): { names: readonly string[]; programs: Programs } {
    const { attempts, never_mended } = this.entry;
    const names = attempts[never_mended ? Math.min(number, attempts.length - 1) : number] ?? [];
    let { programs } = this.parts;
    for (const name of names) programs = FAULTS[name]!.programs?.(programs, this.#recorded) ?? programs;
    return { names, programs };
  }

  get actions(): readonly string[] {
    let { actions } = this.parts;
    for (const name of this.entry.player) actions = FAULTS[name]!.actions?.(actions, this.#recorded) ?? actions;
    return actions;
  }

  get #recorded(): Recorded {
    const { metric, submission } = this.parts.proposal as {
      metric: { name: string };
      submission: { files: string[] };
    };
    return { metric: metric.name, submission: submission.files };
  }
}

function json(value: Record<string, unknown>, names: readonly string[], isSecondTry: boolean): ChatTurn {
  for (const name of names) value = FAULTS[name]!.value?.(value) ?? value;
  return said(JSON.stringify(value, null, 2), names, isSecondTry);
}

function said(text: string, names: readonly string[], isSecondTry: boolean): ChatTurn {
  let turn: ChatTurn = text;
  for (const name of names) turn = FAULTS[name]!.saying?.(text, isSecondTry) ?? turn;
  return turn;
}

function filesText(programs: Programs): string {
  const blocks = [...programs].map(([path, text]) => {
    const language = path.endsWith('.py') ? 'python' : path.endsWith('.json') ? 'json' : '';
    return `FILE: ${path}\n\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
  });
  return blocks.join('\n\n');
}
