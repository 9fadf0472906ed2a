import { Labels } from '../labels/labels.js';
import type { LabelName } from './expression.js';

/** What a label is, as far as filters care. */
export interface LabelType {
  type: 'number' | 'string' | 'boolean' | 'strings';
  isNullable: boolean;
  /** All that it may say; null: any text. */
  values: readonly string[] | null;
}

/** A node of a JSON schema, as far as labels have them. */
interface Node {
  type?: string | string[];
  anyOf?: Node[];
  enum?: string[];
  items?: Node;
  const?: unknown;
}

/** The types of all labels, read off their schema, so that a new label can be asked for at once. */
export const LABEL_TYPES: ReadonlyMap<LabelName, LabelType> = new Map(
  Object.entries(Labels.shape).map(([name, schema]) => [
    name as LabelName,
    typeOf(name, schema.toJSONSchema({ io: 'output' }) as Node),
  ]),
);

/** @throws Error for a label of a kind that the language has no words for */
function typeOf(name: string, node: Node): LabelType {
  const isNull = ({ type }: Node) => type === 'null';
  const parts = (node.anyOf ?? [node]).flatMap((part) =>
    Array.isArray(part.type) ? part.type.map((type) => ({ ...part, type })) : [part],
  );
  const isNullable = parts.some(isNull);
  const [part, ...others] = parts.filter((part) => !isNull(part));
  if (part === undefined || others.length > 0) throw new Error(`The label ${name} has more types than one`);
  if (part.type === 'number' || part.type === 'integer') return { type: 'number', isNullable, values: null };
  if (part.type === 'boolean') return { type: 'boolean', isNullable, values: null };
  if (part.type === 'string') return { type: 'string', isNullable, values: part.enum ?? null };
  if (part.type === 'array' && part.items?.type === 'string') {
    return { type: 'strings', isNullable, values: part.items.enum ?? null };
  }
  throw new Error(`Filters know no labels such as ${name}`);
}
