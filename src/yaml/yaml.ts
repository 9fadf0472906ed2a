import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';
import { PYYAML_TAGS } from './yaml-schema.js';

const OPTIONS = { version: '1.1', schema: 'failsafe', merge: true, customTags: PYYAML_TAGS } as const;

/** A YAML text as PyYAML reads it, with the places of its values. */
export interface YamlText {
  /** Plain objects, arrays, strings, numbers, booleans, nulls; dates as `Date`. Undefined when there are `errors`. */
  value: unknown;
  /** What makes the text unreadable, with 1-based lines. */
  errors: { line: number; problem: string }[];
  /** 1-based line of the value at a path; of its nearest ancestor where there is no such value. */
  lineOf(path: readonly PropertyKey[]): number;
  /** How a plain scalar is spelled in the text: `1.0` and `1` are the same number. Null where there is none. */
  sourceOf(path: readonly PropertyKey[]): string | null;
  /** Line of a character of a string value. Exact in literal blocks (`|`), else the line where the value begins. */
  lineInside(path: readonly PropertyKey[], offset: number): number;
}

const REFUSED = /[^\t\n\r\x20-\x7e\x85\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Reads one YAML document as PyYAML's safe loader would, duplicate keys apart: those are errors. Never throws. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...OPTIONS, lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const errors = [...document.errors, ...document.warnings].map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    problem: error.message,
  }));
  const refused = REFUSED.exec(text);
  if (refused) {
    const code = refused[0].codePointAt(0)?.toString(16).padStart(4, '0');
    errors.push({
      line: lines.linePos(refused.index).line,
      problem: `PyYAML refuses the character U+${code}: escape or remove it`,
    });
  }
  let value: unknown;
  if (errors.length === 0) {
    try {
      // Bounds what aliases may unfold to.
      value = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      errors.push({ line: 1, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  const nodeAt = (path: readonly PropertyKey[]) => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return { node, exact: length === path.length };
    }
    return { node: document.contents, exact: path.length === 0 };
  };
  const keyLine = (path: readonly PropertyKey[]): number | null => {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return null;
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1));
    return isNode(pair?.key) && pair.key.range ? lines.linePos(pair.key.range[0]).line : null;
  };
  const lineOf = (path: readonly PropertyKey[]): number => {
    const ofKey = path.length > 0 ? keyLine(path) : null;
    if (ofKey !== null) return ofKey;
    const { node, exact } = nodeAt(path);
    if (!exact && path.length > 1) return lineOf(path.slice(0, -1));
    return node?.range ? Math.max(1, lines.linePos(node.range[0]).line) : 1;
  };
  return {
    value,
    errors,
    lineOf,
    sourceOf(path) {
      const found = document.getIn(path, true);
      const node = isAlias(found) ? found.resolve(document) : found;
      return isScalar(node) ? (node.source ?? null) : null;
    },
    lineInside(path, offset) {
      const { node, exact } = nodeAt(path);
      if (!exact || !isScalar(node) || node.type !== Scalar.BLOCK_LITERAL || !node.range) return lineOf(path);
      const before = String(node.value).slice(0, offset).split('\n').length;
      return lines.linePos(node.range[0]).line + before;
    },
  };
}

const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const PLAIN_KEY = /^\w(?:[\w .-]*\w)?$/;
const PLAIN_TEXT = /^[\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** Literal blocks keep what their lines hold, except where a first line or a line of blanks is indented. */
function fitsBlock(text: string): boolean {
  return text.includes('\n') && PLAIN_TEXT.test(text) && !/^\s|\n[ \t]+\n|[ \t]$/.test(text);
}

/**
 * Writes a document that PyYAML reads as the same value: texts of several lines as literal blocks, other strings in double quotes,
 * keys bare where that is safe.
 * @param value objects, arrays, strings, finite or infinite numbers, booleans, nulls
 * @throws Error for a string with half a surrogate pair: no YAML file can hold it
 */
export function writeYaml(value: Record<string, unknown>): string {
  const document = new Document(value, { ...OPTIONS, merge: false, aliasDuplicateObjects: false });
  document.directives = undefined as never;
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string') return;
      if (/\p{Surrogate}/u.test(node.value))
        throw new Error(`Not a Unicode text: ${JSON.stringify(node.value.slice(0, 80))}`);
      if (key === 'key') node.type = PLAIN_KEY.test(node.value) ? Scalar.PLAIN : Scalar.QUOTE_DOUBLE;
      else node.type = fitsBlock(node.value) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    },
    Collection(_key, node) {
      if (isCollection(node)) node.flow = node.items.length === 0;
    },
  });
  const text = document.toString({
    lineWidth: 0,
    blockQuote: 'literal',
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  });
  // These stand in quoted strings only; raw they break lines or are refused by PyYAML.
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
