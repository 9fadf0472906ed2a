import { parsePythonJson } from '../../python/python-json.js';
import { pythonStr } from '../../python/python-repr.js';
import { PromptError } from './prompt-error.js';

/**
 * Reads what a state command printed.
 * @returns the values by their keys, each as Python's `str` writes it
 * @throws PromptError when the text is no JSON object
 */
export function readState(text: string): Record<string, string> {
  const state = parsePythonJson(text);
  if (!(state instanceof Map)) {
    throw new PromptError(
      `the state command must print one JSON object, but printed ${JSON.stringify(text.slice(0, 200))} - correct tools.state_command of the agent's configuration`,
    );
  }
  return Object.fromEntries([...state].map(([key, value]) => [key, pythonStr(value)]));
}
