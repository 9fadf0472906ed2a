/** What is not taken anywhere in a schema that is to be enforced. */
const REFUSED = ['allOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas', 'prefixItems'];

/**
 * Judges a schema by the rules under which the API enforces it.
 * @returns what is wrong with it, in the API's words; null when nothing is
 */
export function strictSchemaFault(schema: unknown, path: readonly string[] = []): string | null {
  const where = path.length === 0 ? '()' : `('${path.join("', '")}')`;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return `In context=${where}, schema must be an object.`;
  }
  const node = schema as Record<string, unknown>;
  if (path.length === 0 && node.type !== 'object') return `schema must be a JSON Schema of 'type: "object"'.`;
  const refused = REFUSED.find((keyword) => keyword in node);
  if (refused) return `In context=${where}, '${refused}' is not permitted.`;
  const properties = (node.properties ?? {}) as Record<string, unknown>;
  if (node.type === 'object') {
    if (node.additionalProperties !== false) {
      return `In context=${where}, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const required = Array.isArray(node.required) ? node.required : [];
    const missing = Object.keys(properties).find((name) => !required.includes(name));
    if (missing !== undefined) {
      return `In context=${where}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  if (node.type === 'array' && node.items === undefined) return `In context=${where}, array schema missing items.`;
  const children: [string, unknown][] = [
    ...Object.entries(properties).map(([name, child]): [string, unknown] => [`properties.${name}`, child]),
    ...(node.items === undefined ? [] : ([['items', node.items]] as [string, unknown][])),
    ...(Array.isArray(node.anyOf) ? node.anyOf : []).map((child, i): [string, unknown] => [`anyOf.${i}`, child]),
    ...Object.entries((node.$defs ?? {}) as Record<string, unknown>),
  ];
  for (const [name, child] of children) {
    const fault = strictSchemaFault(child, [...path, name]);
    if (fault !== null) return fault;
  }
  return null;
}
