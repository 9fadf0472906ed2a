const DEFINITION = /^( {0,4})(?:async )?(class|def) (\w+)(\([^\n]*)?/;
const MAX_LINE = 140;

/**
 * @returns a line for each class and function of a Python file, and for each method that is not private, with the first line of its
 *   documentation
 */
export function pythonOutline(text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const [, indent = '', kind, name = '', rest = ''] = DEFINITION.exec(line) ?? [];
    if (kind === undefined || (indent !== '' && indent.length !== 4) || name.startsWith('_')) return [];
    const next = lines.slice(at + 1, at + 8).find((one) => /^\s*(?:r|u)?("""|''')/.test(one));
    const said =
      next
        ?.replace(/^\s*(?:r|u)?(?:"""|''')/, '')
        .replace(/(?:"""|''').*$/, '')
        .trim() ?? '';
    const signature = rest.replace(/:\s*$/, '');
    return [`${indent}${kind} ${name}${signature}${said ? `: ${said}` : ''}`.slice(0, MAX_LINE)];
  });
}
