/** One action of a transcript and the observation that the specification promises. */
interface Turn {
  /** Line of the file on which the action begins. */
  line: number;
  action: string;
  observation: string;
}

/** A scene: an episode of its own. */
export interface Scene {
  name: string;
  line: number;
  /** Shell commands that lay out the workspace before the first action. */
  setup: string[];
  /** Lines that `open` shows. */
  window?: number;
  /** Whether the actions mean the same when they are part of a longer shell line. */
  composable: boolean;
  turns: Turn[];
}

/** Lines of a numbered file, so that a window of a thousand lines takes one line here: `12..23 x{} = {}`. */
function numbered(text: string): string[] {
  const {
    first,
    last,
    template = '{}',
  } = /^(?<first>\d+)\.\.(?<last>\d+)(?: (?<template>.*))?$/.exec(text)?.groups ?? {};
  if (first === undefined || last === undefined) throw new Error(`no range of lines: ${text}`);
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => {
    const number = String(Number(first) + index);
    return `${number}:${template.replaceAll('{}', number)}`;
  });
}

/**
 * Reads a file of transcripts. Each line begins with what it is:
 *
 *     == scene               a scene begins; after its name `window=10` or `alone` (actions that must stand alone)
 *     ! command              lays out the workspace
 *     $ action               an action, `> ` its further lines
 *     | text                 a line of the observation; without one it is empty
 *     * 12..23 x{} = {}      numbered lines of the observation: `12:x12 = 12` and so on
 *     # remark
 * @throws Error with the line that has no meaning
 */
export function readTranscripts(text: string): Scene[] {
  const scenes: Scene[] = [];
  const observed: string[] = [];
  for (const [index, written] of text.split('\n').entries()) {
    const line = index + 1;
    const rest = written.slice(2);
    const scene = scenes.at(-1);
    const turn = scene?.turns.at(-1);
    const mark = written.slice(0, 2).trimEnd();
    if (mark === '' || mark === '#') continue;
    if (mark === '==') {
      const { name = '', words = '' } = /^ (?<name>.*?)(?<words>(?: window=\d+| alone)*)$/.exec(rest)?.groups ?? {};
      const window = /\d+/.exec(words)?.[0];
      const composable = !words.includes('alone');
      scenes.push({ name, line, setup: [], composable, turns: [], ...(window && { window: Number(window) }) });
    } else if (mark === '!' && scene && !turn) scene.setup.push(rest);
    else if (mark === '$' && scene) {
      observed.length = 0;
      scene.turns.push({ line, action: rest, observation: '' });
    } else if (mark === '>' && turn && observed.length === 0) turn.action += `\n${rest}`;
    else if ((mark === '|' || mark === '*') && turn) {
      observed.push(...(mark === '|' ? [rest] : numbered(rest)));
      turn.observation = observed.join('\n');
    } else throw new Error(`line ${line} has no meaning here: ${written}`);
  }
  return scenes;
}
