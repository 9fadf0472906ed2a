import { isStandardModule } from '../from-repo/python-library.js';

/** Libraries of the images that ship, which programs import, and what Python imports of itself when it starts. */
const LIBRARIES = new Set(
  `datasets gymnasium joblib matplotlib numpy pandas pkg_resources pip PIL pyarrow scipy setuptools sitecustomize sklearn tokenizers
  torch torchvision transformers usercustomize`.split(/\s+/),
);

/**
 * A file beside a program stands before Python's library and those that are installed: one that is handed in would run within the
 * evaluator, and one of a task would break whatever imports the module that it hides.
 * @param file path in a workspace
 * @returns the module that programs of the workspace would no longer get; null when there is none
 */
export function shadowedModule(file: string): string | null {
  const [top = '', below] = file.split('/');
  // A package of one's own needs no `__init__.py` to be in the way of itself: Python would look for its modules in the other one.
  const isCode = below === undefined ? /\.(?:py|pyc|so)$/.test(top) : file.endsWith('.py');
  const name = top.split('.')[0] ?? '';
  return isCode && !name.startsWith('_') && (LIBRARIES.has(name) || isStandardModule(name)) ? name : null;
}
