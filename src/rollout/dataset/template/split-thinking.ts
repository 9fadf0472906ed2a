import { stripBreaks, stripLeadingBreaks, stripTrailingBreaks } from './strip-breaks.js';

const BEGIN = '<think>';
const END = '</think>';

/** @returns an assistant's thinking, empty where it has none, and what it said */
export function splitThinking(content: string, reasoning: string | undefined): { thinking: string; said: string } {
  if (reasoning !== undefined) return { thinking: stripBreaks(reasoning), said: content };
  const end = content.indexOf(END);
  if (end < 0) return { thinking: '', said: content };
  const before = stripTrailingBreaks(content.slice(0, end));
  const begin = before.lastIndexOf(BEGIN);
  return {
    thinking: stripBreaks(begin < 0 ? before : before.slice(begin + BEGIN.length)),
    said: stripLeadingBreaks(content.slice(content.lastIndexOf(END) + END.length)),
  };
}
