import type { AnswerFile } from '../teacher.js';
import { FILES_LIMITS } from './files-limits.js';
import { removedFiles } from './removed-files.js';
import { withoutThinking } from './without-thinking.js';

const MAX_PATH_CHARACTERS = 200;

/** `FILE: path`, also as a heading, a list item or bold; the word in any case, the path between backticks. */
const HEADER = /^[\s>]*(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+)?[*_`]*file(?:name|path)?[*_`]*\s*:\s*(\S.*)$/i;
/** A comment that a model writes into the first line of a block instead. */
const COMMENT = /^\s*(?:#|\/\/|--)\s*(?:FILE|File|Filename|filename|file)\s*:\s*(\S+)\s*$/;
const IN_INFO = /(?:^|\s)(?:\S*\s+)?(?:file(?:name|path)?\s*[:=]\s*)["'`]?([^\s"'`]+)/i;
const FENCE = /^([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$/;
/** Of the words behind a fence, what is searched for a path: in a row of spaces without end the search takes the square of its length. */
const MAX_INFO_CHARACTERS = 1000;
/** Blank lines that may stand between a header and its block. */
const MAX_GAP = 2;

/** Files of an answer, with what was written around them; or what keeps them from being read. */
export type ReadFiles = { files: AnswerFile[]; notes: string } | { problems: string[] };

/**
 * Reads files out of an answer, each a fenced block behind a line `FILE: path`. A block ends at a fence as long as the one that began it; a
 * block in a block is left whole. Of two files with one path the later one counts. An answer may also consist of files to be removed, see
 * `removedFiles`. Never throws.
 */
export function readAnswerFiles(answer: string): ReadFiles {
  const lines = withoutThinking(answer).replace(/\r\n?/g, '\n').split('\n');
  const files = new Map<string, string>();
  const notes: string[] = [];
  const problems: string[] = [];
  let blocks = 0;
  for (let at = 0; at < lines.length; ) {
    const header = headerAt(lines, at);
    const opening = header ? header.fence : at;
    const fence = FENCE.exec(lines[opening] ?? '');
    if (!fence) {
      notes.push(lines[at] ?? '');
      at++;
      continue;
    }
    const block = blockAt(lines, opening, fence);
    const named = header?.path ?? pathInside(fence[3] ?? '', block.lines);
    if (named === null) notes.push(...lines.slice(at, block.end));
    else if (!block.isClosed) problems.push(`${named}: its block has no end; the answer may have been cut off`);
    else {
      blocks++;
      const isCommented = header === null && COMMENT.exec(block.lines[0] ?? '')?.[1] === named;
      const kept = isCommented ? block.lines.slice(1) : block.lines;
      files.set(cleanPath(named), kept.length === 0 ? '' : `${kept.join('\n')}\n`);
    }
    at = block.end;
  }
  problems.push(...problemsOf(files));
  if (problems.length > 0) return { problems };
  const around = notes.join('\n').trim();
  if (blocks === 0 && removedFiles(around).length === 0) {
    return { problems: ['there is no block with a line `FILE: <path>` before it'] };
  }
  return { files: [...files].map(([path, text]) => ({ path, text })), notes: around };
}

/** A header counts only where a block follows it. */
function headerAt(lines: readonly string[], at: number): { path: string; fence: number } | null {
  const found = HEADER.exec(lines[at] ?? '');
  if (!found) return null;
  for (let fence = at + 1; fence <= at + 1 + MAX_GAP; fence++) {
    const line = lines[fence] ?? '';
    if (FENCE.test(line)) return { path: found[1] ?? '', fence };
    if (line.trim() !== '') return null;
  }
  return null;
}

function blockAt(lines: readonly string[], opening: number, fence: RegExpExecArray) {
  const [, indent = '', mark = '```'] = fence;
  const inside: string[] = [];
  let depth = 0;
  for (let at = opening + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const other = FENCE.exec(line);
    const isFence = other !== null && other[2]?.[0] === mark[0] && (other[2]?.length ?? 0) >= mark.length;
    const isBare = isFence && (other[3] ?? '').trim() === '';
    if (isBare && depth === 0) return { lines: inside, end: at + 1, isClosed: true };
    // A model that forgets the end of one file begins the next; one that takes a longer fence knows what it does.
    if (depth === 0 && mark.length === 3 && /^(?:#+ |\*\*)?FILE:/.test(line) && headerAt(lines, at)) {
      return { lines: inside, end: at, isClosed: false };
    }
    if (isFence) depth += isBare ? -1 : 1;
    inside.push(line.startsWith(indent) ? line.slice(indent.length) : line.trimStart());
  }
  return { lines: inside, end: lines.length, isClosed: false };
}

function pathInside(info: string, inside: readonly string[]): string | null {
  return IN_INFO.exec(info.slice(0, MAX_INFO_CHARACTERS))?.[1] ?? COMMENT.exec(inside[0] ?? '')?.[1] ?? null;
}

/** Takes off what is written around a path: marks of emphasis, quotes, `(new)`, `./`. */
function cleanPath(written: string): string {
  const bare = written
    .trim()
    .slice(0, 2 * MAX_PATH_CHARACTERS)
    .replace(/\s+\(.*\)$/, '');
  return bare.replace(/^[*`"'<\s]+|[*`"'>:\s]+$/g, '').replace(/^(?:\.\/)+/, '');
}

function problemsOf(files: ReadonlyMap<string, string>): string[] {
  if (files.size > FILES_LIMITS.files) return [`there are ${files.size} files; ${FILES_LIMITS.files} are the most`];
  const problems: string[] = [];
  let total = 0;
  for (const [path, text] of files) {
    const bytes = Buffer.byteLength(text);
    total += bytes;
    if (path.length > MAX_PATH_CHARACTERS || !/^\w[\w.-]*(?:\/\w[\w.-]*)*$/.test(path)) {
      const shown = path.slice(0, MAX_PATH_CHARACTERS);
      problems.push(
        `${JSON.stringify(shown)} is no path: relative, with letters, digits, _ - . and /, and each part begins with a letter, a digit or _`,
      );
    } else if ([...files.keys()].some((other) => other.startsWith(`${path}/`))) {
      problems.push(`${path} is a file and also the directory of another one`);
    }
    if (bytes > FILES_LIMITS.fileBytes)
      problems.push(`${path} has ${bytes} bytes; ${FILES_LIMITS.fileBytes} are the most`);
    if (text.includes('\0')) problems.push(`${path} holds a NUL character`);
  }
  if (total > FILES_LIMITS.totalBytes)
    problems.push(`the files have ${total} bytes; ${FILES_LIMITS.totalBytes} are the most`);
  return problems;
}
