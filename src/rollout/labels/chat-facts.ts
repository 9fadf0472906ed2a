import type { TokenCounter } from '../../agent/models/token-counter.js';
import type { RowMessage } from '../dataset/dataset-row.js';
import { episodeChat } from '../dataset/episode-chat.js';
import { cutTokens } from '../dataset/template/cut-tokens.js';
import type { TrajectoryFile } from '../parse-trajectory.js';
import { controlTokens } from './control-tokens.js';
import { leaksIdentity } from './identity-leak.js';
import type { Labels, TurnTokens } from './labels.js';

/** What the student will see of an episode. */
export interface ChatFacts {
  labels: Pick<
    Labels,
    'tokens' | 'tokens_exact' | 'assistant_tokens' | 'turns' | 'characters' | 'control_tokens' | 'identity'
  >;
  turns: TurnTokens;
}

/** Counts the whole chat of an episode, every observation in full. */
export function chatFacts(trajectory: TrajectoryFile['trajectory'], counter: TokenCounter): ChatFacts {
  const chat = episodeChat(trajectory);
  const turns = cutTokens(chat, (text) => counter.count(text));
  const words = chat.messages.map(wordsOf);
  const learnt = words.filter((_, index) => chat.learnt[index]);
  return {
    labels: {
      tokens: turns.ends.at(-1) ?? 0,
      tokens_exact: counter.isExact,
      assistant_tokens: turns.losses.at(-1) ?? 0,
      turns: learnt.length,
      characters: words.reduce((sum, { length }) => sum + length, 0),
      control_tokens: controlTokens(chat.messages),
      identity: learnt.filter(leaksIdentity).length,
    },
    turns,
  };
}

function wordsOf({ content, tool_calls = [] }: RowMessage): string {
  return [content, ...tool_calls.map((call) => call.arguments)].join('\n');
}
