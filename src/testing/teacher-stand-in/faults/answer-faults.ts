import type { Fault } from './fault.js';

/** Answers that are not in the asked form. */
export const ANSWER_FAULTS = {
  'prose-around': {
    text: 'talks before and after what was asked for',
    saying: (answer) => `Sure! Here is what I came up with:\n\n${answer}\n\nLet me know if you would like any changes.`,
  },
  'json-broken-once': {
    text: 'forgets to close the JSON, and mends it when asked',
    saying: (answer, isSecondTry) => (isSecondTry ? answer : answer.trimEnd().slice(0, -2)),
  },
  'json-broken': {
    text: 'forgets to close the JSON, and does so again when asked',
    saying: (answer) => answer.trimEnd().slice(0, -2),
  },
  'field-missing': {
    text: 'leaves out a field, and does so again when asked',
    value: ({ metric: _metric, ...rest }) => rest,
  },
  refusal: {
    text: 'refuses',
    saying: () => ({ refusal: "I'm sorry, but I can't help with creating this." }),
  },
  'no-files': {
    text: 'describes the programs instead of writing them',
    saying: () =>
      'The baseline reads the training table, fits a simple model and writes its predictions; the evaluator compares them with the answers and prints the metric as JSON.',
  },
  'cut-off': {
    text: 'runs into the bound of tokens in the middle of a file',
    saying: (answer) => ({ text: answer.slice(0, 200), finish_reason: 'length' }),
  },
} satisfies Record<string, Fault>;
