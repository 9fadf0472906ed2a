import { withoutThinking } from './without-thinking.js';

/** Longer texts say more than no. */
const MAX_CHARACTERS = 600;
const NO =
  /\b(?:i(?:['’]m| am) (?:sorry|unable|not able)|i (?:can(?:not|['’]t| not)|won['’]t|must decline|decline)|(?:cannot|can['’]t|unable to) (?:help|assist|comply|fulfil|provide|create))\b/i;

/** @returns whether a text without what was asked for is a refusal, by its words */
export function isRefusal(answer: string): boolean {
  const text = withoutThinking(answer).trim();
  return text.length <= MAX_CHARACTERS && !/[{}]|```/.test(text) && NO.test(text);
}
