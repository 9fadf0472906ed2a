import { type DatasetSettings, REJECTS } from '../dataset/dataset-settings.js';
import type { Drop } from '../dataset/manifest.js';
import type { Labels } from '../labels/labels.js';
import { compileFilter } from './compile-filter.js';
import { conjuncts, type Expression } from './expression.js';
import { parseFilter } from './parse-filter.js';
import { PRESET_FILTERS, REJECT_FILTERS } from './presets.js';
import { printFilter } from './print-filter.js';

/** A condition of the filter of a dataset; what it is counted under when it is the first that does not hold. */
export interface FilterClause {
  drop: Drop;
  /** In the filter's own words. */
  text: string;
  holds: (labels: Labels) => boolean;
}

export interface DatasetFilter {
  /** In the order in which they are asked. */
  clauses: readonly FilterClause[];
  /** All of them as one expression. */
  expression: string;
}

/**
 * @returns rejects, preset, limit of length and own condition as one filter
 * @throws FilterError for a condition of one's own that is none
 */
export function datasetFilter(settings: DatasetSettings['filter']): DatasetFilter {
  const preset = PRESET_FILTERS[settings.preset];
  const maxTokens = settings.max_tokens ?? preset.maxTokens;
  const parts: [Drop, string | null][] = [
    ...REJECTS.filter((reject) => settings.rejects.includes(reject)).map((reject): [Drop, string] => [
      reject,
      REJECT_FILTERS[reject],
    ]),
    ['preset', preset.filter],
    ['too_long', maxTokens === null ? null : `tokens <= ${maxTokens}`],
    ['where', settings.where],
  ];
  const asked = parts.flatMap(([drop, text]) =>
    text === null ? [] : conjuncts(parseFilter(text)).map((expression) => ({ drop, expression })),
  );
  const told = asked.filter(({ expression }) => !isTrue(expression));
  return {
    clauses: told.map(({ drop, expression }) => ({
      drop,
      text: printFilter(expression),
      holds: compileFilter(expression),
    })),
    expression: told.length === 0 ? 'true' : printFilter(joined(told.map(({ expression }) => expression))),
  };
}

function joined(parts: readonly Expression[]): Expression {
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts: [...parts] };
}

function isTrue(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === true;
}
