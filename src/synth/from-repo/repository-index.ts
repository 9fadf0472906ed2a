import { distributionOf, isStandardModule } from './python-library.js';
import { pythonOutline } from './python-outline.js';
import type { Repository } from './repository.js';

const README_CHARACTERS = 6000;
const LISTED_FILES = 600;
const LISTED_LEFT_OUT = 40;
const OUTLINE_CHARACTERS = 24_000;

/** What a repository is made of, as far as a teacher needs to know before it sees files. */
export interface RepositoryIndex {
  /** Paths with sizes, one a line; of large repositories the first ones. */
  tree: string;
  file_count: number;
  readme: string;
  /** How it can be run from its top directory: `python -m package`, `python train.py`; `script name = module:function` as declared. */
  entry_points: string[];
  /** Modules of others that it imports, by the name under which they are installed. */
  libraries: string[];
  /** Those of them that the description of the environment does not name. */
  missing_libraries: string[];
  /** File with the licence, and its first line. */
  licence: { file: string; title: string } | null;
  /** Classes and functions by file, with the first line of what is said about each. */
  outline: string;
  /** What tasks do not get, the first ones. */
  left_out: { path: string; why: string }[];
}

function moduleName(file: string): string {
  return file
    .replace(/^src\//, '')
    .replace(/(?:\/__main__|\/__init__)?\.py$/, '')
    .replaceAll('/', '.');
}

/** A file that does something when it is run: a loop, a call or output at the left margin. Tests and set-up are for other tools. */
const DOES_SOMETHING = /^(?:for|while|with|print\(|[a-z_][\w.]*\([^\n]*\)\s*$)/m;
const FOR_TOOLS = /^(?:__init__|setup|conftest|test_\w+|\w+_test)\.py$/;

function entryPoints(repository: Repository): string[] {
  const packages = new Set(
    repository.files.flatMap(({ path }) =>
      path.endsWith('/__init__.py') ? [path.slice(0, -'/__init__.py'.length)] : [],
    ),
  );
  const isScript = (file: string, text: string): boolean => {
    const at = file.lastIndexOf('/');
    if (FOR_TOOLS.test(file.slice(at + 1)) || packages.has(file.slice(0, Math.max(0, at)))) return false;
    return DOES_SOMETHING.test(text.replace(/"""[\s\S]*?"""|'''[\s\S]*?'''/g, ''));
  };
  const found: string[] = [];
  for (const { path, text } of repository.files) {
    if (text === null) continue;
    if (/(?:^|\/)__main__\.py$/.test(path))
      found.push(path === '__main__.py' ? 'python .' : `python -m ${moduleName(path)}`);
    else if (path.endsWith('.py') && (/^if __name__ *== *['"]__main__['"]/m.test(text) || isScript(path, text)))
      found.push(`python ${path}`);
  }
  const project = repository.file('pyproject.toml')?.text ?? '';
  const [, scripts = ''] = /^\[project\.scripts\]\s*$([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(project) ?? [];
  for (const [, name, target] of scripts.matchAll(/^\s*"?([\w.-]+)"?\s*=\s*["']([\w.:]+)["']/gm))
    found.push(`script ${name} = ${target}`);
  return found;
}

function librariesOf(repository: Repository): string[] {
  const own = new Set(
    repository.files.flatMap(({ path }) =>
      path
        .replace(/^src\//, '')
        .split('/')
        .slice(0, -1),
    ),
  );
  for (const { path } of repository.files) own.add(path.split('/').at(-1)!.replace(/\.py$/, ''));
  const found = new Set<string>();
  for (const { path, text } of repository.files) {
    if (text === null || !path.endsWith('.py')) continue;
    for (const [, from, names] of text.matchAll(
      /^[ \t]*(?:from[ \t]+([A-Za-z_][\w]*)[\w.]*[ \t]+import\b|import[ \t]+([\w., \t]+))/gm,
    )) {
      const modules = from ? [from] : (names ?? '').split(',').map((name) => name.trim().split(/[.\s]/)[0] ?? '');
      for (const name of modules) if (name && !own.has(name) && !isStandardModule(name)) found.add(name);
    }
  }
  return [...found].map(distributionOf).sort();
}

function licenceOf(repository: Repository): RepositoryIndex['licence'] {
  const file = repository.files.find(({ path }) => /^(?:licen[cs]e|copying|unlicense)(?:[.-][\w.-]*)?$/i.test(path));
  if (!file) return null;
  const title =
    file.text
      ?.split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? '';
  return { file: file.path, title: title.slice(0, 120) };
}

function cut(text: string, characters: number): string {
  return text.length <= characters
    ? text
    : `${text.slice(0, characters)}\n[... ${text.length - characters} more characters]`;
}

/** @param environment what programs find, in words: libraries that it does not name are missing */
export function indexRepository(repository: Repository, environment: string): RepositoryIndex {
  const { files, leftOut } = repository;
  const named = environment.toLowerCase();
  const libraries = librariesOf(repository);
  const readme = files.find(({ path, text }) => /^readme(?:\.\w+)?$/i.test(path) && text !== null)?.text ?? '';
  const lines = files.map(
    ({ path, contents, text }) => `${path} (${contents.length}${text === null ? ', binary' : ''})`,
  );
  const outline = files
    .filter(({ path, text }) => text !== null && path.endsWith('.py'))
    .map(({ path, text }) => [path, ...pythonOutline(text!)].join('\n  '))
    .join('\n');
  return {
    tree: [
      ...lines.slice(0, LISTED_FILES),
      ...(lines.length > LISTED_FILES ? [`[... ${lines.length - LISTED_FILES} more files]`] : []),
    ].join('\n'),
    file_count: files.length,
    readme: cut(readme, README_CHARACTERS),
    entry_points: entryPoints(repository),
    libraries,
    missing_libraries: libraries.filter((name) => !named.includes(name.toLowerCase())),
    licence: licenceOf(repository),
    outline: cut(outline, OUTLINE_CHARACTERS),
    left_out: leftOut.slice(0, LISTED_LEFT_OUT).map(({ path, why }) => ({ path, why })),
  };
}
