import { z } from 'zod';
import type { ResponseFormat } from '../../../agent/models/model.js';

type Schema = Record<string, unknown>;

/** Constraints that not every endpoint enforces; they are said in words instead, and answers are judged by the schema itself. */
const SAID = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
];
const DROPPED = new Set([...SAID, 'default', '$schema', 'title', 'description']);
const KEPT = new Set(['type', 'enum']);

/** Thrown inside: a schema that cannot be brought under the rules. */
class NotStrict extends Error {}

/**
 * Makes the form of an answer of a schema, under the rules by which endpoints enforce one where that is possible: every field required, no
 * others allowed, no constraints beyond types and choices.
 * @param name of letters, digits, `_` and `-`
 * @returns null for a schema that JSON schema cannot say, or that is not one of an object
 */
export function responseFormat(name: string, schema: z.ZodType): ResponseFormat | null {
  const plain = jsonSchema(schema);
  if (plain === null || plain.type !== 'object') return null;
  try {
    return { name, schema: strict(plain), isStrict: true };
  } catch (error) {
    if (!(error instanceof NotStrict)) throw error;
    return { name, schema: plain, isStrict: false };
  }
}

/** @returns the JSON schema of what may be given; null when there is none */
export function jsonSchema(schema: z.ZodType): Schema | null {
  try {
    const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: 'input' }) as Schema;
    return plain;
  } catch {
    return null;
  }
}

function strict(node: unknown): Schema {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) throw new NotStrict();
  const given = node as Schema;
  // Nothing may stand beside a reference.
  if ('$ref' in given) return { $ref: given.$ref };
  const made: Schema = {};
  for (const [keyword, value] of Object.entries(given)) {
    if (KEPT.has(keyword)) made[keyword] = value;
    else if (keyword === 'const') made.enum = [value];
    else if (keyword === 'anyOf' || keyword === 'oneOf') made.anyOf = (value as unknown[]).map(strict);
    else if (keyword === 'items') made.items = strict(value);
    else if (keyword === '$defs') made.$defs = mapped(value as Schema);
    else if (!OBJECT_WORDS.has(keyword) && !DROPPED.has(keyword)) throw new NotStrict();
  }
  if (given.type === 'object') Object.assign(made, strictObject(given));
  if (!['type', 'anyOf', 'enum'].some((keyword) => keyword in made)) throw new NotStrict();
  const description = [given.description, ...SAID.flatMap((keyword) => said(keyword, given[keyword]))]
    .filter((part) => part !== undefined)
    .join('; ');
  return description === '' ? made : { ...made, description };
}

const OBJECT_WORDS = new Set(['properties', 'required', 'additionalProperties', 'propertyNames']);

function strictObject(given: Schema): Schema {
  const { additionalProperties = false } = given;
  const properties = (given.properties ?? {}) as Record<string, Schema>;
  if (additionalProperties !== false) throw new NotStrict();
  const required = Object.keys(properties);
  const demanded = new Set((given.required ?? []) as string[]);
  // What may be left out and has no value then cannot be demanded.
  if (required.some((name) => !demanded.has(name) && !('default' in (properties[name] ?? {})))) throw new NotStrict();
  return { properties: mapped(properties), required, additionalProperties: false };
}

function mapped(schemas: Schema): Schema {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, strict(schema)]));
}

function said(keyword: string, value: unknown): string[] {
  const isBoundOfIntegers = typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER;
  return value === undefined || isBoundOfIntegers ? [] : [`${keyword} ${String(value)}`];
}
