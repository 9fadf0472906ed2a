import { stripBreaks, stripLeadingBreaks, stripTrailingBreaks } from './strip-breaks.js';

const BEGIN = '<think>';
const END = '</think>';

/** An assistant's content in two. */
interface Parts {
  /** Without line breaks around it. */
  thinking: string;
  said: string;
  /** Whether the template takes it for thinking: line breaks alone are some where they stand apart from the content. */
  isThinking: boolean;
}

/** @param reasoning thinking that stands apart; unset: it is looked for in the content */
export function splitThinking(content: string, reasoning: string | undefined): Parts {
  if (reasoning !== undefined) {
    return { thinking: stripBreaks(reasoning), said: content, isThinking: reasoning !== '' };
  }
  const end = content.indexOf(END);
  if (end < 0) return { thinking: '', said: content, isThinking: false };
  const before = stripTrailingBreaks(content.slice(0, end));
  const begin = before.lastIndexOf(BEGIN);
  const thinking = stripBreaks(begin < 0 ? before : before.slice(begin + BEGIN.length));
  const said = stripLeadingBreaks(content.slice(content.lastIndexOf(END) + END.length));
  return { thinking, said, isThinking: thinking !== '' };
}
