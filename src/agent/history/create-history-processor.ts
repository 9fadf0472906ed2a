import type { HistoryProcessorSpec } from '../config/agent-config.js';
import type { ChatMessage } from '../models/model.js';
import { chatMessages } from './chat-messages.js';
import { closedWindows } from './closed-windows.js';
import type { HistoryItem } from './history-item.js';
import { appendOnly, lastObservations } from './observation-windows.js';

type Processor = (items: readonly HistoryItem[]) => readonly HistoryItem[];

function positive(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${name} must be a whole number above 0, not ${value}`);
  return value;
}

function removeRegex(patterns: readonly string[], keepLast: number): Processor {
  const compiled = patterns.map((pattern) => new RegExp(pattern, 'gs'));
  return (items) =>
    items.map((item, index) => {
      if (index >= items.length - keepLast) return item;
      return { ...item, content: compiled.reduce((text, pattern) => text.replace(pattern, ''), item.content) };
    });
}

function createProcessor(spec: HistoryProcessorSpec): Processor {
  switch (spec.type) {
    case 'full':
      return (items) => items;
    case 'last_observations': {
      const [n, polling] = [positive(spec.n, 'n'), positive(spec.polling ?? 1, 'polling')];
      return (items) => lastObservations(items, n, polling);
    }
    case 'closed_window':
      return closedWindows;
    case 'remove_regex':
      return removeRegex(spec.patterns, spec.keepLast);
    case 'append_only': {
      const [keep, every] = [positive(spec.keep, 'keep'), positive(spec.every, 'every')];
      return (items) => appendOnly(items, keep, every);
    }
  }
}

/**
 * Makes what decides how much of a history a model gets to see. The history itself is never changed.
 * @param specs applied one after the other; none: all of it is seen
 * @throws RangeError for counts below 1, SyntaxError for a pattern that is none
 */
export function createHistoryProcessor(
  specs: readonly HistoryProcessorSpec[],
): (items: readonly HistoryItem[]) => ChatMessage[] {
  const processors = specs.map(createProcessor);
  return (items) => chatMessages(processors.reduce((seen, process) => process(seen), items));
}
