import type { ChatPolicy } from './chat-endpoint.js';
import { ChatScript, type ChatTurn } from './chat-turn.js';

/**
 * @param script turns in the order of the chats that come
 * @returns a policy; beyond the last turn it begins anew where the script says `repeat`, else refuses
 * @throws ZodError when it is no script
 */
export function scriptPolicy(script: unknown): ChatPolicy {
  const parsed = ChatScript.parse(script);
  const { turns, repeat } = Array.isArray(parsed) ? { turns: parsed, repeat: false } : parsed;
  return (_request, call): ChatTurn => turns[repeat ? call % turns.length : call] ?? exhausted(turns.length);
}

function exhausted(turns: number): ChatTurn {
  return { status: 400, code: 'script_exhausted', message: `The script of the stand-in has only ${turns} turns.` };
}
