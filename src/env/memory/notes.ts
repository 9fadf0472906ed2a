import { type Dumpable, pythonDump } from '../../python/python-dump.js';

/** A memory file of MLGym: what an agent noted, in order. `tags` are key words; not every text has one. */
export interface Notes {
  texts: string[];
  /** One for each text. */
  embeddings: number[][];
  tags: string[];
}

const INDENT = 4;
/** A memory of more is none: noting so much takes an agent weeks. */
const MAX_NOTES = 10_000;

const strict = new TextDecoder('utf-8', { fatal: true });

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isEmbedding = (value: unknown): value is number[] => isListOf(value, isNumber);

/**
 * Reads a memory file, whoever wrote it.
 * @returns no notes for an empty file; null for one that is no memory file
 */
export function parseNotes(contents: Uint8Array): Notes | null {
  try {
    const text = strict.decode(contents);
    if (text.trim() === '') return { texts: [], embeddings: [], tags: [] };
    const { texts, embeddings, tags } = JSON.parse(text);
    if (texts?.length > MAX_NOTES || tags?.length > MAX_NOTES) return null;
    const isSound = isListOf(texts, isText) && isListOf(embeddings, isEmbedding) && isListOf(tags, isText);
    return isSound && texts.length === embeddings.length ? { texts, embeddings, tags } : null;
  } catch {
    // Not UTF-8, no JSON, or no object.
    return null;
  }
}

/** Notes of an episode added to those that others left meanwhile. What both have stays once. */
export function mergeNotes(kept: Notes, own: Notes): Notes {
  const [knownTexts, knownTags] = [new Set(kept.texts), new Set(kept.tags)];
  const fresh = [...own.texts.keys()].filter((index) => !knownTexts.has(own.texts[index] as string));
  return {
    texts: [...kept.texts, ...fresh.map((index) => own.texts[index] as string)],
    embeddings: [...kept.embeddings, ...fresh.map((index) => own.embeddings[index] as number[])],
    tags: [...kept.tags, ...own.tags.filter((tag) => !knownTags.has(tag))],
  };
}

/**
 * Writes a memory file as MLGym does; the oldest notes are left out until it fits.
 * @param maxBytes size of the file at most
 */
export function dumpNotes(notes: Notes, maxBytes: number): Buffer {
  // Each is measured once: a file that is written again and again would keep everybody waiting.
  const noteBytes = notes.texts.map((text, index) => sizeOf(text) + sizeOf(notes.embeddings[index] ?? []));
  const tagBytes = notes.tags.slice(-notes.texts.length).map(sizeOf);
  let bytes = [...noteBytes, ...tagBytes].reduce((sum, size) => sum + size, 0);
  let first = 0;
  for (; first < noteBytes.length && bytes > maxBytes; first++) {
    bytes -= noteBytes[first] ?? 0;
    if (tagBytes.length > noteBytes.length - first - 1) bytes -= tagBytes.shift() ?? 0;
  }
  for (; ; first++) {
    const texts = notes.texts.slice(first);
    const tags = notes.tags.slice(Math.max(0, notes.tags.length - texts.length));
    const rest = { texts, embeddings: notes.embeddings.slice(first), tags };
    const contents = Buffer.from(pythonDump(rest, INDENT));
    if (contents.length <= maxBytes || texts.length === 0) return contents;
  }
}

/** Bytes of a value in a file, with what stands around it but for the file's own keys. */
function sizeOf(value: Dumpable): number {
  return pythonDump([[value]], INDENT).length;
}
