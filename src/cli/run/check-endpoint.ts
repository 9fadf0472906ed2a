import type { ModelList } from '../../agent/models/model-list.js';
import { CliError } from '../cli-error.js';
import { shownLine } from '../play/terminal-text.js';

const NAMED = 10;
const NAME_CHARACTERS = 100;

/**
 * Judges what an endpoint told before anything is made for a run.
 * @param model its name there
 * @param baseUrl without credentials
 * @returns what is to be said of it; null when nothing
 * @throws CliError when nobody can be asked there
 */
export function checkEndpoint({ names, unreached }: ModelList, model: string, baseUrl: string): string | null {
  if (unreached !== null) {
    throw new CliError(
      `${model} cannot be asked: ${unreached}`,
      `Is an endpoint running at ${baseUrl}? --base-url or OPENAI_BASE_URL names another one.`,
    );
  }
  if (names === null || names.length === 0 || names.some((name) => isSame(name, model))) return null;
  const shown = names.slice(0, NAMED).map((name) => shownLine(name).slice(0, NAME_CHARACTERS));
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${baseUrl} lists no ${model}; it has ${shown.join(', ')}${more}.`;
}

/** Gemini puts `models/` before names, Ollama `:latest` behind them, and both do without. */
function isSame(listed: string, asked: string): boolean {
  return [asked, `models/${asked}`, `${asked}:latest`].includes(listed);
}
