import type { RowMessage } from '../dataset-row.js';

/** A message as the template of the student takes it. */
export interface TemplateMessage extends RowMessage {
  /** Thinking apart from the content; without it the template looks for thinking in the content. */
  reasoning_content?: string;
}

/** A chat before it is written as text. */
export interface Chat {
  messages: readonly TemplateMessage[];
  /** Definitions of the tools that are offered, each as JSON text in Python's form; none: nothing is said of tools. */
  tools: readonly string[];
}
