import type { PythonValue } from './python-json.js';
import { floatRepr } from './python-repr.js';

/** A number that Python holds as a float, whole or not: written `2.0`. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

/** What can be written: plain data, floats marked as such, and values as `parsePythonJson` reads them. */
export type Dumpable =
  | null
  | boolean
  | string
  | number
  | PythonFloat
  | PythonValue
  | readonly Dumpable[]
  | { readonly [key: string]: Dumpable | undefined };

function quoted(text: string, ascii: boolean): string {
  if (!ascii) return JSON.stringify(text);
  // JSON.stringify escapes the same characters below U+0020 in the same way; the rest of Python's ensure_ascii is here.
  return JSON.stringify(text).replace(
    /[\x80-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function float(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(value);
}

function isNumberOfPython(value: object): value is { kind: 'int' | 'float'; digits: string; value: number } {
  return 'kind' in value && 'digits' in value && (value.kind === 'int' || value.kind === 'float');
}

/**
 * Writes a value as Python's `json.dumps` does.
 * @param indent spaces a level as with `indent=`; null: one line, with Python's `", "` and `": "`. Plain whole numbers are
 *   integers; other numbers, and everything in a `PythonFloat`, are floats. Undefined members are left out.
 * @param ascii false: as with `ensure_ascii=False`
 */
export function pythonDump(value: Dumpable, indent: number | null = null, ascii = true): string {
  return write(value, indent, '\n', ascii);
}

function write(value: Dumpable, indent: number | null, line: string, ascii: boolean): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoted(value, ascii);
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : float(value);
  if (value instanceof PythonFloat) return float(value.value);
  const inner = indent === null ? line : line + ' '.repeat(indent);
  const wrap = (open: string, items: string[], close: string): string => {
    if (items.length === 0) return open + close;
    return indent === null ? open + items.join(', ') + close : open + inner + items.join(`,${inner}`) + line + close;
  };
  if (Array.isArray(value)) {
    return wrap(
      '[',
      value.map((item: Dumpable) => write(item, indent, inner, ascii)),
      ']',
    );
  }
  if (!(value instanceof Map) && isNumberOfPython(value))
    return value.kind === 'int' ? value.digits : float(value.value);
  const entries = value instanceof Map ? [...value] : Object.entries(value as { [key: string]: Dumpable | undefined });
  const members = entries.flatMap(([key, item]) =>
    item === undefined ? [] : [`${quoted(key, ascii)}: ${write(item as Dumpable, indent, inner, ascii)}`],
  );
  return wrap('{', members, '}');
}
