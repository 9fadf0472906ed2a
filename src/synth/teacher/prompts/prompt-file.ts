import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readYaml } from '../../../yaml/yaml.js';
import type { PromptStamp } from '../../journal/journal.js';
import { PromptFault } from './prompt-fault.js';
import { TemplatePart } from './template-part.js';

const FrontMatter = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  version: z.int().positive().describe('raised with every change'),
  purpose: z.string().min(1),
  temperature: z.number().min(0).max(2).nullable().describe('null: the endpoint decides'),
  answer: z.enum(['json', 'files', 'text']),
});
type FrontMatter = z.output<typeof FrontMatter>;

/** A prompt as its file has it. */
export interface PromptFile {
  head: FrontMatter;
  stamp: PromptStamp;
  system: TemplatePart;
  user: TemplatePart;
}

const HEAD = /^---\r?\n(.*?)^---\r?\n/ms;
const SEPARATOR = /^--- user ---[ \t]*\r?\n/m;

/**
 * Reads a prompt: front matter, the system's part, a line `--- user ---`, the user's part.
 * @param file for messages
 * @param name that the front matter must have
 * @throws PromptFault with file and line
 */
export function readPromptFile(file: string, name: string, text: string): PromptFile {
  const head = HEAD.exec(text);
  if (head?.index !== 0) {
    throw new PromptFault([`${file}:1: begins with no front matter: lines of YAML between two lines \`---\``]);
  }
  const yaml = readYaml(head[1] ?? '');
  if (yaml.errors.length > 0) {
    throw new PromptFault(yaml.errors.map(({ line, problem }) => `${file}:${line + 1}: ${problem}`));
  }
  const parsed = FrontMatter.safeParse(yaml.value ?? {});
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${file}:${yaml.lineOf(path) + 1}: ${path.join('.') || 'front matter'}: ${message}`,
    );
    throw new PromptFault(faults);
  }
  if (parsed.data.name !== name) {
    throw new PromptFault([`${file}:${yaml.lineOf(['name']) + 1}: name is ${parsed.data.name}, the file's is ${name}`]);
  }
  const body = text.slice(head[0].length);
  const separator = SEPARATOR.exec(body);
  const bodyLine = linesOf(head[0]) + 1;
  if (!separator) {
    throw new PromptFault([
      `${file}:${bodyLine}: has no line \`--- user ---\` between the system's part and the user's`,
    ]);
  }
  const userFrom = separator.index + separator[0].length;
  return {
    head: parsed.data,
    stamp: { name, version: parsed.data.version, sha256: createHash('sha256').update(text).digest('hex') },
    system: new TemplatePart(file, bodyLine, body.slice(0, separator.index)),
    user: new TemplatePart(file, bodyLine + linesOf(body.slice(0, userFrom)), body.slice(userFrom)),
  };
}

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}
