import type { HubFeature } from '../candidate.js';

/** Types whose cells are files. */
const FILE_TYPES = new Set(['Image', 'Audio', 'Video', 'Pdf', 'binary', 'large_binary']);

/** A column in the words of the Hub, out of the type that its `datasets` library writes down. */
export function featureOf(name: string, type: unknown): HubFeature {
  const names = classNames(type);
  return { name, type: typeWords(type), ...(names && { class_names: names }) };
}

/** Whether the cells of a column are files. */
export function isFileFeature({ type }: HubFeature): boolean {
  return FILE_TYPES.has(type);
}

/** Whether the cells of a column are lists or records. */
export function isNestedFeature({ type }: HubFeature): boolean {
  return /^(?:List|Struct|Array[2-5]D|Translation|json)/.test(type);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function classNames(type: unknown): string[] | null {
  if (!isRecord(type) || type._type !== 'ClassLabel' || !Array.isArray(type.names)) return null;
  return type.names.map(String);
}

function typeWords(type: unknown): string {
  if (Array.isArray(type)) return `List(${typeWords(type[0])})`;
  if (!isRecord(type)) return 'unknown';
  const kind = type._type;
  if (typeof kind !== 'string') {
    const parts = Object.entries(type).map(([name, inner]) => `${name}: ${typeWords(inner)}`);
    return `Struct(${parts.join(', ')})`;
  }
  if (kind === 'Value') return String(type.dtype);
  if (kind === 'ClassLabel') return `ClassLabel(${classNames(type)?.length ?? 0})`;
  if (kind === 'Sequence' || kind === 'List' || kind === 'LargeList') return `List(${typeWords(type.feature)})`;
  if (/^Array[2-5]D$/.test(kind)) return `${kind}(${String(type.dtype)})`;
  return kind;
}
