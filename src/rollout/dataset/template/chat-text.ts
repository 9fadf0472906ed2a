/**
 * A part of a chat's text. A mark is one token of the student's tokenizer wherever it stands. Tokens never reach over the border of two
 * segments, so that their counts add up. A text may hold marks as well, where a message does: tokenizers find them there.
 */
export interface ChatSegment {
  text: string;
  mark: boolean;
}

/** Behind a line break the tokenizer begins anew with any of these. */
const VISIBLE = /^[!-~\p{L}]/u;

/** A text that is put together from marks and what stands between them. */
export class ChatText {
  readonly segments: ChatSegment[] = [];
  /** In UTF-16 units. */
  length = 0;

  mark(text: string): this {
    this.segments.push({ text, mark: true });
    this.length += text.length;
    return this;
  }

  text(text: string): this {
    if (text === '') return this;
    const last = this.segments.at(-1);
    const adds = last && !last.mark && !(last.text.endsWith('\n') && VISIBLE.test(text));
    if (adds) last.text += text;
    else this.segments.push({ text, mark: false });
    this.length += text.length;
    return this;
  }
}
