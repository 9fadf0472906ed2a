import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { closest } from '../../yaml/closest.js';
import { readYaml, type YamlText } from '../../yaml/yaml.js';
import { CliError } from '../cli-error.js';

/** Settings that a flag gives: where they belong, and the flag. `*` stands for every item of a list. */
export interface GivenSetting {
  path: readonly string[];
  value: unknown;
  flag: string;
}

/** What settings are put together from. */
export interface SettingSources<T> {
  schema: z.ZodType<T>;
  /** File of YAML; its settings stand over the base. */
  file: string | undefined;
  /** Settings where no file is named. */
  base: T | null;
  given: readonly GivenSetting[];
  /** Settings of which every part is there: where names are looked up when one is unknown. */
  complete: T;
  /** Names of maps that the complete settings do not show, by their place. */
  names?: Readonly<Record<string, readonly string[]>>;
  /** Looks at what was put together before it is judged. @throws CliError */
  refuse?: (merged: Record<string, unknown>) => void;
}

/**
 * Puts a file of settings and flags together.
 * @throws CliError naming each fault with its line or flag, and what to write instead
 */
export function mergeSettings<T>(sources: SettingSources<T>): T {
  const { schema, file, base, given, refuse } = sources;
  const yaml = file === undefined ? null : readFile(file);
  const value = yaml?.value ?? base ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new CliError(`${file}:1: is no map of settings`, 'Write lines such as seed: 1', 2);
  }
  const merged = structuredClone(value) as Record<string, unknown>;
  for (const { path: place, value } of given) put(merged, place, value);
  refuse?.(merged);
  const parsed = schema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => {
    const by = given.findLast(({ path: place }) => place.every((name, at) => name === '*' || issue.path[at] === name));
    const where = by ? by.flag : `${file ?? 'settings'}:${yaml?.lineOf(unknownPath(issue)) ?? 1}`;
    return problems(issue, sources).map((problem) => `  ${where}: ${problem}`);
  });
  throw new CliError(`Settings that cannot be used:\n${faults.join('\n')}`, null, 2);
}

type Issue = z.core.$ZodIssue;

function readFile(file: string): YamlText {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`--config: ${file} cannot be read: ${(error as Error).message}`, null, 2);
  }
  const yaml = readYaml(text);
  if (yaml.errors.length === 0) return yaml;
  const faults = yaml.errors.map(({ line, problem }) => `  ${file}:${line}: ${problem}`);
  throw new CliError(`The configuration cannot be read:\n${faults.join('\n')}`, null, 2);
}

function unknownPath(issue: Issue): PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
}

function problems<T>(issue: Issue, sources: SettingSources<T>): string[] {
  const place = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [`${place || 'the file'}: ${plainMessage(issue)}`];
  const known = knownNames(issue.path, sources);
  return issue.keys.map((key) => {
    const near = closest(key, known)[0];
    const hint = near ? `did you mean ${near}?` : `there are ${known.join(', ')}`;
    return `${[...issue.path, key].join('.')}: there is no such setting - ${hint}`;
  });
}

function plainMessage({ code, message, ...issue }: Issue): string {
  if (code === 'invalid_type' && message.endsWith('received undefined')) return 'is missing';
  const isUrl = code === 'invalid_format' && 'format' in issue && issue.format === 'url';
  return isUrl ? `${message}: it begins with http:// or https://` : message;
}

function knownNames<T>(place: readonly PropertyKey[], { complete, names = {} }: SettingSources<T>): readonly string[] {
  const listed = names[place.join('.')];
  if (listed) return listed;
  let at: unknown = complete;
  for (const name of place)
    at = (at as Record<PropertyKey, unknown> | undefined)?.[typeof name === 'number' ? 0 : name];
  return Object.keys(at ?? {});
}

function put(into: Record<string, unknown>, place: readonly string[], value: unknown): void {
  const [name = '', ...rest] = place;
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  if (rest[0] === '*') {
    const list = into[name];
    if (Array.isArray(list)) for (const item of list) if (isMap(item)) put(item, rest.slice(1), value);
    return;
  }
  if (!isMap(into[name])) into[name] = {};
  put(into[name] as Record<string, unknown>, rest, value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
