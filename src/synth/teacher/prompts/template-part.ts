import { Template } from '@huggingface/jinja';
import { closest } from '../../../yaml/closest.js';
import { freePaths } from './free-paths.js';
import { PromptFault } from './prompt-fault.js';

/** Things that Jinja knows of itself. */
const BUILT_IN = new Set([
  'range',
  'raise_exception',
  'strftime_now',
  'true',
  'false',
  'none',
  'True',
  'False',
  'None',
  'loop',
]);
/** What a record offers beside its fields. */
const METHODS = new Set(['get', 'items', 'keys', 'values']);

/** One half of a prompt: a Jinja template whose names all have to have a value. */
export class TemplatePart {
  readonly #template: Template;
  readonly #paths: readonly string[][];

  /**
   * @param file for messages
   * @param line of the file that the text begins in
   * @throws PromptFault when it is no template
   */
  constructor(
    private readonly file: string,
    private readonly line: number,
    private readonly text: string,
  ) {
    try {
      this.#template = new Template(text);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new PromptFault([`${file}:${line}: the part that begins here is no Jinja template: ${problem}`]);
    }
    this.#paths = freePaths(this.#template.parsed);
  }

  /**
   * @param variables plain JSON
   * @returns the text filled in, without white space around it
   * @throws PromptFault for a name without a value
   */
  fill(variables: Readonly<Record<string, unknown>>): string {
    const faults = this.#paths.flatMap((path) => {
      const problem = problemOf(path, variables);
      return problem === null ? [] : [`${this.file}:${this.#lineOf(path)}: ${problem}`];
    });
    if (faults.length > 0) throw new PromptFault([...new Set(faults)]);
    try {
      return this.#template.render({ ...variables }).trim();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new PromptFault([`${this.file}:${this.line}: the part that begins here cannot be filled in: ${problem}`]);
    }
  }

  /** Jinja's tree has no places: the first tag that holds the name is taken for it. */
  #lineOf(path: readonly string[]): number {
    const name = path.join('\\s*\\.\\s*');
    for (const tag of this.text.matchAll(/\{\{.*?\}\}|\{%.*?%\}/gs)) {
      const at = new RegExp(`(?<![\\w.])${name}\\b`).exec(tag[0]);
      if (at) return this.line + this.text.slice(0, tag.index + at.index).split('\n').length - 1;
    }
    return this.line;
  }
}

/** @returns what is wrong with a name such as `settings.environment`; null when it has a value */
function problemOf(path: readonly string[], variables: Readonly<Record<string, unknown>>): string | null {
  let value: unknown = variables;
  for (const [at, name] of path.entries()) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    if (at > 0 && METHODS.has(name)) return null;
    if (at === 0 && BUILT_IN.has(name)) return null;
    if (!Object.hasOwn(value, name)) {
      const known = Object.keys(value);
      const near = closest(name, known)[0];
      const hint = near ? `did you mean ${near}?` : `known here: ${known.sort().join(', ') || 'nothing'}`;
      return `{{ ${path.slice(0, at + 1).join('.')} }} has no value; ${hint}`;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return null;
}
