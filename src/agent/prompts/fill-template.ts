import { parse, Template, tokenize } from '@huggingface/jinja';
import { FormatFault, pythonFormat } from '../../python/python-format.js';
import { closest } from '../../yaml/closest.js';
import type { AgentConfig } from '../config/agent-config.js';
import { PromptError } from './prompt-error.js';

export type TemplateValue = string | number;

/** Templates are few and large: parsing one takes longer than filling it in. */
const PARSED_MAX = 64;
const parsed = new Map<string, Template>();

/** Parses as Jinja's defaults say, which the library's own constructor does not: no white space around blocks is dropped. */
function parseJinja(source: string): Template {
  const known = parsed.get(source);
  if (known) return known;
  if (parsed.size >= PARSED_MAX) parsed.clear();
  const template = new Template('');
  template.parsed = parse(tokenize(source));
  parsed.set(source, template);
  return template;
}

function nameHint(problem: string, values: Readonly<Record<string, TemplateValue>>): string {
  const name = /^\{(.*)\} names nothing/s.exec(problem)?.[1];
  if (name === undefined) return 'write {{ and }} for braces that are meant as such';
  const near = closest(name, Object.keys(values))[0];
  const known = Object.keys(values).sort().join(', ');
  return near ? `write {${near}}` : `known are ${known}; braces that are meant as such are doubled`;
}

/**
 * Fills in a template. What is put in is not looked at again.
 * @param name of the template, for messages
 * @throws PromptError for a template that its language refuses, and in Python's language for a name without a value; Jinja takes
 *   such names for empty texts
 */
export function fillTemplate(
  language: AgentConfig['templateLanguage'],
  name: string,
  template: string,
  values: Readonly<Record<string, TemplateValue>>,
): string {
  if (language === 'python') {
    try {
      return pythonFormat(template, values);
    } catch (error) {
      if (!(error instanceof FormatFault)) throw error;
      const line = template.slice(0, error.offset).split('\n').length;
      throw new PromptError(`${name}, line ${line}: ${error.message} - ${nameHint(error.message, values)}`, {
        cause: error,
      });
    }
  }
  try {
    return parseJinja(template).render(values);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new PromptError(`${name}: ${problem} - correct the Jinja template`, { cause: error });
  }
}
