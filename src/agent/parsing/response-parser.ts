import type { ParserName } from '../config/agent-config.js';
import type { OutputFault } from './output-fault.js';

/** What a parser reads out of an output. */
export interface ParsedResponse {
  thought: string;
  action: string;
}

/** Reads thought and action out of the text of an output. Never throws, and takes time in proportion to the text. */
export interface ResponseParser {
  readonly name: ParserName;
  /** What a model is told whose output is not in this form. */
  readonly formatErrorTemplate: string;
  parse(text: string): ParsedResponse | OutputFault;
}
