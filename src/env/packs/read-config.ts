import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { readYaml, type YamlText } from '../../yaml/yaml.js';
import { FaultLog } from './fault-log.js';
import type { PackFault } from './pack-fault.js';
import { insidePack, PathFault } from './pack-paths.js';

/** No configuration that a person or a program writes is longer. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** A configuration file that was read. */
export interface ConfigFile<T> {
  value: T;
  text: YamlText;
  faults: FaultLog;
}

interface Reading<S extends z.ZodType> {
  root: string;
  /** Relative to the pack, with `/`. */
  file: string;
  envId: string | null;
  schema: S;
  /** What to do about each field; its keys are the fields that are known. */
  remedies: Readonly<Record<string, string>>;
  syntax: 'yaml' | 'json';
  sink: PackFault[];
}

function jsonFault(source: string, text: YamlText): { line: number; problem: string } | null {
  try {
    JSON.parse(source);
    return null;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const position = /position (\d+)/.exec(problem)?.[1];
    const line = position === undefined ? text.errors[0]?.line : source.slice(0, Number(position)).split('\n').length;
    return { line: line ?? source.split('\n').length, problem };
  }
}

/**
 * Reads and validates one configuration file of a pack, and reports what is wrong with it.
 * @returns null when it cannot be used
 */
export async function readConfigFile<S extends z.ZodType>(
  reading: Reading<S>,
): Promise<ConfigFile<z.output<S>> | null> {
  const { root, file, schema, remedies, syntax, sink } = reading;
  const about = { packRoot: root, file, envId: reading.envId };
  let source: string;
  try {
    const host = await insidePack(root, file);
    const stats = await stat(host);
    if (!stats.isFile()) throw new PathFault('special', 'is not a file', 'replace it by a file');
    if (stats.size > MAX_CONFIG_BYTES)
      throw new PathFault('too_many', `is larger than ${MAX_CONFIG_BYTES} bytes`, 'shorten it');
    source = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(host));
  } catch (error) {
    const faults = new FaultLog(sink, about, null);
    if (error instanceof PathFault) faults.error([], error.message, error.remedy);
    else if (error instanceof TypeError) faults.error([], 'is not UTF-8 text', 'save it as UTF-8');
    else faults.error([], `cannot be read: ${(error as Error).message}`, `check ${path.join(root, file)}`);
    return null;
  }
  const text = readYaml(source);
  const faults = new FaultLog(sink, about, text);
  const broken = syntax === 'json' ? jsonFault(source, text) : null;
  for (const { line, problem } of broken ? [broken] : syntax === 'json' ? [] : text.errors) {
    faults.error([], `cannot be read: ${problem}`, `correct the ${syntax.toUpperCase()} at this line`, line);
  }
  if (broken || (syntax === 'yaml' && text.errors.length > 0)) return null;
  const value = syntax === 'json' ? JSON.parse(source) : text.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.error([], 'holds no mapping of fields', `write ${Object.keys(remedies).slice(0, 3).join(', ')} and so on`);
    return null;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) faults.issues(parsed.error, value, remedies);
  if (syntax === 'yaml') {
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(remedies, key)) faults.unknownField([key], Object.keys(remedies), 'warning');
    }
  }
  return parsed.success ? { value: parsed.data, text, faults } : null;
}
