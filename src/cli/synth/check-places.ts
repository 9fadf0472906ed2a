import { stat } from 'node:fs/promises';
import { loadAgentConfig } from '../../agent/config/load-agent-config.js';
import type { SynthSettings } from '../../synth/settings.js';
import { CliError } from '../cli-error.js';

/**
 * Looks for what is needed late in a run: the agent, and what tasks may not repeat.
 * @throws CliError, AgentConfigError
 */
export async function checkPlaces({ verification, contamination }: SynthSettings): Promise<void> {
  if (verification.agent_episodes > 0) await loadAgentConfig(verification.agent);
  for (const place of contamination) {
    await stat(place).catch((error: Error) => {
      throw new CliError(
        `--contamination: ${place} cannot be read: ${error.message}`,
        'Name a pack, a checkout of MLGym, or a file that gymsmith synth fingerprint wrote.',
        2,
      );
    });
  }
}
