const LARGE = [
  '7z',
  'arrow',
  'bin',
  'bz2',
  'gz',
  'h5',
  'jpg',
  'jpeg',
  'mp3',
  'mp4',
  'npy',
  'npz',
  'parquet',
  'pickle',
  'pkl',
  'png',
  'rar',
  'tar',
  'wav',
  'webp',
  'xz',
  'zip',
  'zst',
];

/** What a new repository of a dataset begins with. */
export const FIRST_ATTRIBUTES = LARGE.map((ending) => `${line(`*.${ending}`)}\n`).join('');

/** The line by which a pattern means large files. */
export function line(pattern: string): string {
  return `${pattern} filter=lfs diff=lfs merge=lfs -text`;
}

/** @returns whether a path is kept in large-file storage, as `.gitattributes` has it: the last line that says something decides */
export function largeFiles(attributes: string): (path: string) => boolean {
  const rules = attributes.split('\n').flatMap((text) => {
    const [pattern = '', ...said] = text.trim().split(/\s+/);
    const filter = said.findLast((word) => /^-?filter(?:=|$)/.test(word));
    return pattern === '' || pattern.startsWith('#') || filter === undefined
      ? []
      : [{ test: matcher(pattern), isLarge: filter === 'filter=lfs' }];
  });
  return (path) => rules.findLast(({ test }) => test(path))?.isLarge ?? false;
}

/** Git's patterns: one without a slash means names in every directory. */
function matcher(pattern: string): (path: string) => boolean {
  const isName = !pattern.slice(0, -1).includes('/');
  const source = pattern
    .replace(/^\//, '')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (wild) =>
      wild === '**/' ? '(?:.*/)?' : wild === '**' ? '.*' : wild === '*' ? '[^/]*' : '[^/]',
    );
  const test = new RegExp(`^${source}$`);
  return (path) => test.test(isName ? (path.split('/').at(-1) ?? '') : path);
}
