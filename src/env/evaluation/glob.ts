const SPECIAL = /[.+^${}()|[\]\\]/g;

/**
 * Makes a test for workspace-relative paths out of a pattern: `?` one character and `*` any characters of one name, `**` any
 * directories. A pattern without wildcards also covers everything below the directory that it names.
 */
export function glob(pattern: string): (path: string) => boolean {
  const clean = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  const source = clean
    .split('/')
    .map((part, index, parts) => {
      const last = index === parts.length - 1;
      if (part === '**') return last ? '.+' : '(?:[^/]+/)*';
      const name = part.replace(SPECIAL, '\\$&').replaceAll('*', '[^/]*').replaceAll('?', '[^/]');
      return last ? name : `${name}/`;
    })
    .join('');
  const below = /[*?]/.test(clean) ? '' : '(?:/.*)?';
  const expression = new RegExp(`^${source}${below}$`, 's');
  return (path) => expression.test(path);
}
