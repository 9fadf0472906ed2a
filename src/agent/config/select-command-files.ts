import { codeFingerprint } from './code-fingerprint.js';
import type { CommandFileText } from './command-file.js';
import { ENVIRONMENT_COMMANDS, VIEWER_COMMANDS } from './native-commands.js';

/** The files of MLGym and of SWE-agent 0 whose commands sandboxes have of their own. */
const NATIVE_FILES: ReadonlySet<string> = new Set([
  // defaults.sh: open, goto, scroll_down, scroll_up, create
  '816508f8de2b4dbc9f3659bd',
  'd5f017fd3c94a2210512933a',
  '6a4957e61d480869f8360e51',
  // search.sh: search_dir, search_file, find_file
  '62610301facb9c17f254ba2d',
  // edit_linting.sh
  'c8f63fd7d197387cde9f4b69',
  'f9dd6d1efa7a01c5789896a0',
  '531746c890fad5dbfc528ffd',
  '453fda275d1b3a4305386523',
  // insert_linting.sh
  '5f080675851eb369e91d48ba',
  // _split_string.py: the filter of lint messages
  '63580a4520d1d6f21c463c6d',
  'b19d473ae8aa08b19cb23612',
  '0718ea2268f9fae8fcea0616',
  '52f4c6c6d11ed7f1b9eb19f5',
  'c40e578c46109fd38f750627',
  '3f49af65d8c9ccfc6a14a175',
  'eb6f45caca58d1f96e2f3f4d',
  // memory_read.py
  'ba6c858d5cfc123ea654d0a7',
  '9e29384ce05b5aad8ad10b11',
  // memory_write.py
  'e618d2488bbdc6a7b0b3d253',
  'f5a3dbb9c0d362dba69ecb51',
]);

/** State commands that print what sandboxes print anyway: the open file and the working directory. */
const NATIVE_STATE = new Set(['09d774e77a607b6e7a2fc8e1', '56431e95e051bb178c219fa2', 'fa3dd4ab297dfbcf77735483']);

export function isNativeState(code: string): boolean {
  return NATIVE_STATE.has(codeFingerprint(code));
}

/** What becomes of the command files of a configuration. */
export interface CommandFileChoice {
  /** Those to install, in their order. */
  shipped: readonly CommandFileText[];
  /** The file, of those to install, whose own viewer takes the place of the sandbox's; null: none does. */
  viewer: CommandFileText | null;
}

/**
 * Chooses the files that a sandbox needs beside its own commands: every file whose code is not one of the known ones. The
 * commands around the open file work on shared shell variables and functions, so that one file with a viewer command of its own,
 * or that moves the view, or calls their inner functions, brings all the others along.
 * @param known fingerprints of files whose commands sandboxes have
 */
export function selectCommandFiles(
  files: readonly CommandFileText[],
  known: ReadonlySet<string> = NATIVE_FILES,
): CommandFileChoice {
  const candidates = files.filter((file) => !isEnvironmentOnly(file));
  const unknown = candidates.filter((file) => !known.has(codeFingerprint(file.contents)));
  const native = candidates.filter((file) => !unknown.includes(file));
  const viewer = unknown.find((file) => touchesViewer(file, native)) ?? null;
  return { shipped: viewer ? candidates : unknown, viewer };
}

function isEnvironmentOnly(file: CommandFileText): boolean {
  return file.commands.length > 0 && file.commands.every(({ name }) => ENVIRONMENT_COMMANDS.has(name));
}

function touchesViewer(file: CommandFileText, native: readonly CommandFileText[]): boolean {
  if (file.commands.some(({ name }) => VIEWER_COMMANDS.has(name))) return true;
  if (file.isProgram) return false;
  if (/\bCURRENT_(?:FILE|LINE)=/.test(file.contents)) return true;
  const inner = native.flatMap(({ hidden }) => hidden);
  return inner.some((name) => new RegExp(`(?<![\\w$])${name}(?!\\w)`).test(file.contents));
}
