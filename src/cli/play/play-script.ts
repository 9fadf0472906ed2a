import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Episode, StepResult } from '../../client/index.js';
import { Action } from '../../protocol/index.js';
import { CliError } from '../cli-error.js';
import type { Output } from '../output.js';
import { playTurn } from './play-turn.js';
import { terminalText } from './terminal-text.js';

const PlayScript = z.object({ task: z.string().min(1), actions: z.array(Action).min(1) });

/** Recorded actions of one episode. */
export type PlayScript = z.infer<typeof PlayScript>;

/**
 * Reads `{"task": env id, "actions": [...]}`.
 * @throws CliError naming the file and its fault
 */
export async function readScript(path: string): Promise<PlayScript> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CliError(`${path} cannot be read as JSON: ${(error as Error).message}`);
  }
  const script = PlayScript.safeParse(json);
  if (script.success) return script.data;
  const faults = script.error.issues.map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new CliError(
    `${path} is no recording:\n${faults.join('\n')}`,
    'It must look like {"task": "...", "actions": ["ls", ...]}.',
  );
}

/**
 * Plays recorded actions in order and shows each with its observation; ends early when the episode does.
 * @returns the last step
 */
export async function playScript(episode: Episode, script: PlayScript, output: Output): Promise<StepResult> {
  for (const action of script.actions) {
    output.line(
      output.style('input', `$ ${terminalText(typeof action === 'string' ? action : JSON.stringify(action))}`),
    );
    const { terminated, truncated } = await playTurn(episode, action, output);
    if (terminated || truncated) break;
    output.line();
  }
  return episode.last!;
}
