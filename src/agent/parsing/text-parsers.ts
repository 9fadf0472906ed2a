import { PYTHON_SPACE } from '../../python/python-space.js';
import { pythonStrip } from '../../python/python-strip.js';
import { hasTwoFencedPairs, lastFencedBlock } from './fenced-block.js';
import {
  actionFormatText,
  EDIT_FORMAT_TEXT,
  IDENTITY_FORMAT_TEXT,
  MLGYM_FORMAT_TEXT,
  THOUGHT_ACTION_FORMAT_TEXT,
  XML_FORMAT_TEXT,
} from './format-texts.js';
import { OutputFault } from './output-fault.js';
import type { ParsedResponse, ResponseParser } from './response-parser.js';

const FIRST_WORD = new RegExp(`^[^${PYTHON_SPACE}]+`);

function fenced(text: string): ParsedResponse | OutputFault {
  const block = lastFencedBlock(text);
  if (!block) return new OutputFault('format', 'missing', 'there is no block between two lines of backticks');
  return { thought: block.around, action: block.inside };
}

/** MLGym's own: one discussion, one block. */
export const mlgymThoughtActionParser: ResponseParser = {
  name: 'mlgym_thought_action',
  formatErrorTemplate: MLGYM_FORMAT_TEXT,
  parse: (text) =>
    hasTwoFencedPairs(text)
      ? new OutputFault('format', 'multiple', 'there is more than one pair of triple backticks')
      : fenced(text),
};

/** The last block that is in no other block is the action. */
export const thoughtActionParser: ResponseParser = {
  name: 'thought_action',
  formatErrorTemplate: THOUGHT_ACTION_FORMAT_TEXT,
  parse: fenced,
};

/** As `thought_action`, for agents whose block is the new text of a window. */
export const editFormatParser: ResponseParser = {
  name: 'edit_format',
  formatErrorTemplate: EDIT_FORMAT_TEXT,
  parse: fenced,
};

/** The last `<command>` up to the last `</command>`. */
export const xmlThoughtActionParser: ResponseParser = {
  name: 'xml_thought_action',
  formatErrorTemplate: XML_FORMAT_TEXT,
  parse: (text) => {
    const start = text.lastIndexOf('<command>');
    const end = text.lastIndexOf('</command>');
    if (start < 0 || end < 0) return new OutputFault('format', 'missing', 'the tags of a command are not there');
    return {
      thought: pythonStrip(text.slice(0, start) + text.slice(end + '</command>'.length)),
      action: pythonStrip(text.slice(start + '<command>'.length, end)),
    };
  },
};

/** The output is thought and action at once. */
export const identityParser: ResponseParser = {
  name: 'identity',
  formatErrorTemplate: IDENTITY_FORMAT_TEXT,
  parse: (text) => ({ thought: text, action: text }),
};

/** The output is the action; there is no thought. For people, and for SWE-agent 1. */
export const actionOnlyParser: ResponseParser = {
  name: 'action_only',
  formatErrorTemplate: IDENTITY_FORMAT_TEXT,
  parse: (text) => ({ thought: '', action: text }),
};

/**
 * The output is one command line, and nothing else.
 * @param names commands that may open it
 */
export function createActionParser(names: readonly string[]): ResponseParser {
  const known = new Set(names);
  return {
    name: 'action',
    formatErrorTemplate: actionFormatText(names),
    parse: (text) => {
      const [word = ''] = FIRST_WORD.exec(pythonStrip(text)) ?? [];
      if (known.has(word)) return { thought: text, action: text };
      return new OutputFault('format', 'invalid_command', 'the first word is no known command');
    },
  };
}
