import type { Labels, TurnTokens } from '../labels/labels.js';
import type { TrajectoryFile } from '../read-trajectory.js';
import { codePointOffsets } from './code-points.js';
import type { DatasetRow } from './dataset-row.js';
import type { DatasetSettings } from './dataset-settings.js';
import type { LearntChat } from './episode-chat.js';
import { cutTokens } from './template/cut-tokens.js';
import { renderChat } from './template/render-chat.js';
import { viewChats } from './view-chats.js';

/** What is known of a trajectory before its file is read. */
export interface RowFacts {
  id: string;
  labels: Pick<Labels, 'task' | 'model' | 'exit_status' | 'valid' | 'best' | 'baseline' | 'improves' | 'steps'>;
  /** Of its full chat. */
  turns: { [Name in keyof TurnTokens]: ArrayLike<number> };
}

/** What a trajectory came to. */
export interface TrajectoryRows {
  rows: DatasetRow[];
  /** Answers that are no row, because the chat before them is too long; of the view `turns` alone. */
  omitted: number;
  /** The view is not known from the file; the row is the full one. */
  isUnknownView: boolean;
}

type RowSettings = Pick<DatasetSettings, 'view' | 'truncate_tokens'>;

/**
 * Makes the rows of a trajectory.
 * @param count tokens of a text; called for views other than the full one, whose tokens are known from labels
 * @returns no row where no learnt turn fits
 * @throws Error when the labels are those of another file
 */
export function rowsOf(
  trajectory: TrajectoryFile['trajectory'],
  facts: RowFacts,
  settings: RowSettings,
  count: (text: string) => number,
): TrajectoryRows {
  const { chats, isUnknown } = viewChats(trajectory, settings.view);
  const isFull = settings.view === 'full' || isUnknown;
  // Chats of the view `turns` begin with the same messages.
  const known = new Map<string, number>();
  const counts = (text: string): number => {
    const tokens = known.get(text) ?? count(text);
    known.set(text, tokens);
    return tokens;
  };
  const rows: DatasetRow[] = [];
  let omitted = 0;
  for (const { turn, chat } of chats) {
    const cuts = isFull ? facts.turns : cutTokens(chat, counts);
    const row = rowOf(chat, cuts, turn, facts, settings.truncate_tokens);
    if (row) rows.push(row);
    else if (turn !== null) omitted++;
  }
  return { rows, omitted, isUnknownView: isUnknown };
}

function rowOf(
  chat: LearntChat,
  { ends, losses }: RowFacts['turns'],
  turn: number | null,
  { id, labels }: RowFacts,
  most: number | null,
): DatasetRow | null {
  const answers = chat.messages.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []));
  if (ends.length !== answers.length) throw new Error(`${id} has ${answers.length} turns, its labels ${ends.length}`);
  // A row that is one answer is whole or not at all.
  const first = turn === null ? 0 : answers.length - 1;
  const last = answers.findLastIndex(
    (message, at) => at >= first && chat.learnt[message] === true && (most === null || ends[at]! <= most),
  );
  if (last < 0) return null;
  const messages = chat.messages.slice(0, answers[last]! + 1);
  const { text, turns } = renderChat({ messages, tools: chat.tools });
  const learnt = turns.filter(({ message }) => chat.learnt[message]);
  const offsets = codePointOffsets(
    text,
    learnt.flatMap(({ begin, end }) => [begin, end]),
  );
  return {
    id: turn === null ? id : `${id}#${turn}`,
    task: labels.task,
    model: labels.model,
    messages,
    tools: chat.tools.length === 0 ? null : `[${chat.tools.join(', ')}]`,
    text,
    loss_spans: learnt.map((_, at): [number, number] => [offsets[2 * at]!, offsets[2 * at + 1]!]),
    tokens: ends[last]!,
    loss_tokens: losses[last]!,
    truncated: last < answers.length - 1,
    exit_status: labels.exit_status,
    valid: labels.valid,
    best: labels.best,
    baseline: labels.baseline,
    improves: labels.improves,
    steps: labels.steps,
  };
}
