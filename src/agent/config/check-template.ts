import { parse, tokenize } from '@huggingface/jinja';
import { FormatFault, formatNames } from '../../python/python-format.js';
import { closest } from '../../yaml/closest.js';
import type { AgentConfig } from './agent-config.js';
import type { ConfigSection } from './config-section.js';

/** Fields of every task, as `TaskDetail.template` names them. */
export const TASK_FIELDS = [
  'id',
  'name',
  'description',
  'dataset_configs',
  'task_entrypoint',
  'training_timeout',
  'requirements_path',
  'use_generic_conda',
  'starter_code',
  'baseline_paths',
  'baseline_scores',
  'sample_submission',
  'evaluation_paths',
  'evaluation_read_only',
  'memory_path',
  'benchmark_name',
  'secret_files',
] as const;

/**
 * Reports a template that its language refuses, and names in it that nothing is known to fill in.
 * @param key field of the section that holds it
 */
export function checkTemplate(
  language: AgentConfig['templateLanguage'],
  section: ConfigSection,
  key: string,
  template: string,
  known: Iterable<string>,
): void {
  if (language === 'jinja') {
    try {
      parse(tokenize(template));
    } catch (error) {
      section.error(
        key,
        `is no Jinja template: ${error instanceof Error ? error.message : String(error)}`,
        'correct it',
      );
    }
    return;
  }
  const names = new Set(known);
  try {
    for (const { name, offset } of formatNames(template)) {
      if (names.has(name)) continue;
      const near = closest(name, names)[0];
      const problem = `asks for {${name.slice(0, 80)}}, which no task, variable or state is known to have: without it the prompt cannot be made`;
      section.warning(
        key,
        problem,
        near ? `write {${near}}` : 'remove it, or double braces that are meant as such',
        offset,
      );
    }
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    section.error(
      key,
      `cannot be filled in: ${error.message}`,
      'write {{ and }} for braces that are meant as such',
      error.offset,
    );
  }
}
