import type { RenderedChat, RenderedTurn } from './render-chat.js';

/**
 * Tokens that begin within turns of a chat: what a trainer learns of them.
 * @param turns of the chat, in their order
 * @param count tokens of a segment's text
 */
export function lossTokens(
  { segments }: Pick<RenderedChat, 'segments'>,
  turns: readonly Pick<RenderedTurn, 'begin' | 'end'>[],
  count: (text: string) => number,
): number {
  let tokens = 0;
  let at = 0;
  let next = 0;
  for (const { text } of segments) {
    const [begin, end] = [at, at + text.length];
    at = end;
    while (next < turns.length && turns[next]!.end <= begin) next++;
    const turn = turns[next];
    if (!turn || turn.begin >= end) continue;
    // A turn ends with a mark, so that only its begin may lie within a segment.
    tokens += count(text) - (turn.begin > begin ? count(text.slice(0, turn.begin - begin)) : 0);
  }
  return tokens;
}
