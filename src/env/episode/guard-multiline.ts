import { PYTHON_SPACE } from '../../python/python-space.js';
import { pythonStrip } from '../../python/python-strip.js';

/** Commands whose text goes on until a line that holds their end word. */
const END_WORDS = { edit: 'end_of_edit', insert: 'end_of_insert' } as const;

/** In MLGym the end name of `submit` is null, which prints as `None`. */
const MLGYM_END_WORDS = { ...END_WORDS, submit: 'None' } as const;

interface Line {
  text: string;
  /** Position in the action. */
  start: number;
}

interface Block {
  first: number;
  last: number;
  mark: string;
}

const MLGYM_NAME = new RegExp(`^[${PYTHON_SPACE}]*(edit|insert|submit)`);

function withoutSpaceAtEnd(text: string): string {
  return pythonStrip(`|${text}`).slice(1);
}

function linesOf(action: string): Line[] {
  let start = 0;
  return action.split('\n').map((text) => {
    const line = { text, start };
    start += text.length + 1;
    return line;
  });
}

/**
 * Finds the commands with their end lines, in order and without overlap, in one pass: an action may have millions of
 * lines.
 */
function findBlocks(lines: readonly Line[], endWords: Readonly<Record<string, string>>, name: RegExp): Block[] {
  const ends = new Map(Object.values(endWords).map((word) => [word, { at: [] as number[], next: 0 }]));
  for (const [index, { text }] of lines.entries()) ends.get(withoutSpaceAtEnd(text))?.at.push(index);
  const blocks: Block[] = [];
  for (let first = 0; first < lines.length; first++) {
    const endWord = endWords[name.exec(lines[first]?.text ?? '')?.[1] ?? ''];
    if (endWord === undefined) continue;
    const end = ends.get(endWord);
    while (end && (end.at[end.next] ?? Number.POSITIVE_INFINITY) <= first) end.next++;
    const last = end?.at[end.next];
    if (last === undefined) continue;
    blocks.push({ first, last, mark: `<< '${endWord}'` });
    first = last;
  }
  return blocks;
}

/**
 * MLGym's way, defects included: what stands before a command cuts as many characters off its front, and a blank line
 * before it takes the here-document for itself.
 */
function guardAsMlgym(action: string): string {
  const lines = linesOf(action);
  const blank = (index: number): boolean => pythonStrip(lines[index]?.text ?? 'none') === '';
  const pieces: string[] = [];
  let from = 0;
  let firstFree = 0;
  for (const block of findBlocks(lines, MLGYM_END_WORDS, MLGYM_NAME)) {
    let top = block.first;
    while (top > firstFree && blank(top - 1)) top--;
    // The newline that the command before left over is a blank line to MLGym.
    const start = top === firstFree ? from : (lines[top]?.start ?? 0);
    let bottom = block.last;
    while (blank(bottom + 1)) bottom++;
    const end = (lines[bottom]?.start ?? 0) + (lines[bottom]?.text.length ?? 0);
    const before = action.slice(from, start);
    if (pythonStrip(before) !== '') pieces.push(before);
    pieces.push(markAsMlgym(action.slice(start, end), start - from, block.mark));
    from = end;
    firstFree = bottom + 1;
  }
  const rest = action.slice(from);
  if (pythonStrip(rest) !== '') pieces.push(rest);
  return pieces.join('\n');
}

function markAsMlgym(text: string, offset: number, mark: string): string {
  if (pythonStrip(firstLine(text)).endsWith(mark)) return text;
  const cut = text.slice(offset);
  const head = firstLine(cut);
  return `${head} ${mark}${cut.slice(head.length)}`;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

function guardEach(action: string): string {
  const lines = linesOf(action);
  const texts = lines.map(({ text }) => text);
  for (const { first, last, mark } of findBlocks(lines, END_WORDS, /^[ \t]*(edit|insert)(?=[ \t]|$)/)) {
    const line = texts[first]?.trimEnd() ?? '';
    texts[first] = line.endsWith(mark) ? line : `${line} ${mark}`;
    // The end word must stand alone, or the here-document goes on behind it.
    texts[last] = texts[last]?.trimEnd() ?? '';
  }
  return texts.join('\n');
}

/**
 * Makes `edit` and `insert` commands, which agents write with their text below them, into here-documents, so that the
 * shell takes the text as it stands.
 * @param dialect `mlgym` repeats MLGym's rewriting with its defects; `fixed` does what the agent meant
 */
export function guardMultiline(action: string, dialect: 'mlgym' | 'fixed'): string {
  return dialect === 'mlgym' ? guardAsMlgym(action) : guardEach(action);
}
