import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const Named = z.object({ name: z.string(), template: z.string() });
const Config = z.looseObject({ chat_template: z.union([z.string(), z.array(Named)]).nullish() });

/** The template that a model brings. */
export interface StudentTemplate {
  file: string;
  /** Jinja. */
  source: string;
}

/**
 * @param tokenizer `tokenizer.json` of a model, or its directory
 * @returns null where nothing lies beside it that says how chats are written
 */
export async function readStudentTemplate(tokenizer: string): Promise<StudentTemplate | null> {
  const directory = tokenizer.endsWith('.json') ? path.dirname(tokenizer) : tokenizer;
  const file = path.join(directory, 'chat_template.jinja');
  const source = await readFile(file, 'utf8').catch(() => null);
  if (source !== null) return { file, source };
  const config = path.join(directory, 'tokenizer_config.json');
  const text = await readFile(config, 'utf8').catch(() => null);
  const read = text === null ? null : Config.safeParse(plainJson(text));
  const template = read?.data?.chat_template;
  if (template === null || template === undefined) return null;
  if (typeof template === 'string') return { file: config, source: template };
  const usual = template.find(({ name }) => name === 'default') ?? template[0];
  return usual ? { file: config, source: usual.template } : null;
}

function plainJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
