/** Where and why a template cannot be filled in. */
export class FormatFault extends Error {
  override readonly name = 'FormatFault';

  constructor(
    message: string,
    /** Position of the fault in the template. */
    readonly offset: number,
  ) {
    super(message);
  }
}

/** @param fill what stands for a name; `field` is all that stands between the braces */
function walk(template: string, fill: (name: string, field: string, offset: number) => string): string {
  let out = '';
  for (let at = 0; at < template.length; at++) {
    const character = template[at];
    if (character !== '{' && character !== '}') {
      out += character;
      continue;
    }
    if (template[at + 1] === character) {
      out += character;
      at++;
      continue;
    }
    if (character === '}') throw new FormatFault('a single "}" stands in the text', at);
    const end = template.indexOf('}', at);
    if (end < 0) throw new FormatFault('a "{" is never closed', at);
    const field = template.slice(at + 1, end);
    out += fill(field.replace(/(?:!s)?:?$/, ''), field, at);
    at = end;
  }
  return out;
}

/**
 * Fills in a template as Python's `str.format` does with plain names: `{name}` and `{name!s}` are replaced, `{{` and `}}` stand
 * for single braces. Format specifications and attribute access, which only code could mean, are refused.
 * @throws FormatFault for an unknown name, a lone brace, or anything else that Python refuses
 */
export function pythonFormat(template: string, values: Readonly<Record<string, string | number>>): string {
  return walk(template, (name, field, offset) => {
    if (Object.hasOwn(values, name)) return String(values[name]);
    throw new FormatFault(`{${field.slice(0, 80)}} names nothing that can be filled in`, offset);
  });
}

/**
 * Names that a template asks for, with the position of each.
 * @throws FormatFault for a lone brace
 */
export function formatNames(template: string): { name: string; offset: number }[] {
  const names: { name: string; offset: number }[] = [];
  walk(template, (name, _field, offset) => {
    names.push({ name, offset });
    return '';
  });
  return names;
}
