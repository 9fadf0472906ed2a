/** Interpreters of images that sandboxes are not made from. */
const FOREIGN_INTERPRETER = /^#!\s*\/(?:root|home)\/\S*\/([\w.-]+)[^\n]*/;

/** A program whose interpreter is looked up, where its first line names a place that only another image has. */
export function portableProgram(contents: string): string {
  return contents.replace(FOREIGN_INTERPRETER, (_line, name: string) => `#!/usr/bin/env ${name}`);
}

function isPython(contents: string): boolean {
  return /^#![^\n]*\bpython[\d.]*\b/.test(contents);
}

function importsOf(contents: string): Set<string> {
  return new Set([...contents.matchAll(/^\s*(?:from|import)\s+([A-Za-z_]\w*)/gm)].map(([, name = '']) => name));
}

/** @returns the modules that a program imports, and those that they import in turn */
export function modulesOf(contents: string, known: ReadonlyMap<string, string>): Map<string, string> {
  const found = new Map<string, string>();
  const add = (text: string) => {
    for (const name of importsOf(text)) {
      const source = known.get(name);
      if (source === undefined || found.has(name)) continue;
      found.set(name, source);
      add(source);
    }
  };
  if (isPython(contents)) add(contents);
  return found;
}

/** A Python literal of a text: only ASCII, so that no encoding matters, and nothing that ends it. */
function literal(value: unknown): string {
  const json = JSON.stringify(value).replace(
    /[\x80-\uffff']/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `r'''${json}'''`;
}

/**
 * One file of a program and the modules of its bundle, which need no place of their own then. Scripts without a first line that
 * names their interpreter are bash's.
 * @param known modules by name
 */
export function carriedProgram(contents: string, known: ReadonlyMap<string, string>): string {
  if (!contents.startsWith('#!')) return `#!/usr/bin/env bash\n${contents}`;
  const program = portableProgram(contents);
  const modules = modulesOf(contents, known);
  if (modules.size === 0) return program;
  return `${program.split('\n', 1)[0]}
import importlib.abc, importlib.util, json, sys


class Carried(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules that came with the program."""

    texts = json.loads(${literal(Object.fromEntries(modules))})

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name in self.texts else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(compile(self.texts[module.__name__], module.__name__ + ".py", "exec"), module.__dict__)


sys.meta_path.insert(0, Carried())
exec(compile(json.loads(${literal(program)}), __file__, "exec"))
`;
}
