/** Nodes of Jinja's tree, whose classes the library does not export. */
type Node = { type: string } & Record<string, unknown>;

/** Words of the language that look like names: what comes after `|` and `is`, `and` and `or`, and the keys of arguments. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  FilterExpression: ['filter'],
  FilterStatement: ['filter'],
  TestExpression: ['test'],
  KeywordArgumentExpression: ['key'],
  BinaryExpression: ['operator'],
  UnaryExpression: ['operator'],
};

/**
 * @param program a parsed template
 * @returns the names that have to come from outside, each with the fields that are taken of it: `[['topic', 'title'], ['count']]`.
 *   Names that the template itself gives a value anywhere are left out.
 */
export function freePaths(program: unknown): string[][] {
  const bound = new Set<string>();
  const found: string[][] = [];
  visit(program, bound, found);
  return found.filter(([name = '']) => !bound.has(name));
}

function visit(value: unknown, bound: Set<string>, found: string[][]): void {
  if (Array.isArray(value)) for (const item of value) visit(item, bound, found);
  else if (value instanceof Map) for (const pair of value) visit(pair, bound, found);
  else if (isNode(value)) visitNode(value, bound, found);
}

function visitNode(node: Node, bound: Set<string>, found: string[][]): void {
  const path = pathOf(node);
  if (path) {
    found.push(path);
    return;
  }
  bind(node, bound);
  const labels = LABELS[node.type] ?? [];
  for (const [field, child] of Object.entries(node)) {
    if (field === 'property' && node.computed === false) continue;
    if (!labels.includes(field)) visit(child, bound, found);
    // A filter's arguments are names like others.
    else if (isNode(child) && child.type === 'CallExpression') visit(child.args, bound, found);
  }
}

/** @returns the name and its fields where the node is nothing but that */
function pathOf(node: Node): string[] | null {
  if (node.type === 'Identifier') return [node.value as string];
  if (node.type !== 'MemberExpression' || node.computed === true) return null;
  const { object, property } = node as unknown as { object: Node; property: Node };
  const path = pathOf(object);
  return path && property.type === 'Identifier' ? [...path, property.value as string] : null;
}

function bind(node: Node, bound: Set<string>): void {
  const targets = { For: [node.loopvar], Set: [node.assignee], Macro: [node.name, node.args] }[node.type] ?? [];
  for (const target of targets.flat()) {
    if (!isNode(target)) continue;
    if (target.type === 'Identifier') bound.add(target.value as string);
    else if (target.type === 'TupleLiteral') bind({ type: 'Macro', name: null, args: target.value }, bound);
    else if (target.type === 'KeywordArgumentExpression') bind({ type: 'Macro', name: target.key, args: [] }, bound);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
