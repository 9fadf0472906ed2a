import { createHash } from 'node:crypto';
import type { AgentConfig } from '../../agent/config/agent-config.js';
import { loadAgentConfig } from '../../agent/config/load-agent-config.js';
import type { PriceTable } from '../../agent/models/prices.js';
import { RequestGates } from '../../agent/models/request-gates.js';
import type { Config } from '../../config.js';
import { playerNames } from '../../rollout/sampling/player-names.js';
import type { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import type { Player } from '../../rollout/sampling/sampler-options.js';
import { modelKey } from '../models/model-key.js';
import { openModel } from '../models/open-model.js';
import { loadAgent } from '../run/load-agent.js';
import { withoutCredentials } from '../run/model-of-flags.js';

const OPENAI_URL = 'https://api.openai.com/v1';

/** The agents of a run, before any endpoint is asked. */
export interface SampleAgents {
  /** In the order of the players. */
  configs: readonly AgentConfig[];
  /** Hashes by name of the player: a run does not go on with others. */
  hashes: Record<string, string>;
  warnings: readonly string[];
}

/** @throws AgentConfigError */
export async function loadSampleAgents({ players }: SampleSettings): Promise<SampleAgents> {
  const configs = await Promise.all(
    players.map(({ agent, dialect }) => (dialect === null ? loadAgentConfig(agent) : loadAgent(agent, dialect))),
  );
  const hashOf = ({ source: _source, warnings: _warnings, ...config }: AgentConfig) =>
    createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
  const names = playerNames(players);
  return {
    configs,
    hashes: Object.fromEntries(names.map((name, at) => [name, hashOf(configs[at]!)])),
    warnings: [...new Set(configs.flatMap(({ warnings }) => warnings))],
  };
}

/** What players are made with. */
interface PlayerParts {
  settings: SampleSettings;
  agents: SampleAgents;
  config: Config;
  prices: PriceTable;
  warn: (text: string) => void;
}

/**
 * Makes the players of a run; those who ask one endpoint share what it takes.
 * @throws CliError when nobody can be asked there; ModelSpecError, ModelFileError
 */
export async function openPlayers({ settings, agents, config, prices, warn }: PlayerParts): Promise<Player[]> {
  const { players, concurrency } = settings;
  const gates = new RequestGates(concurrency.questions);
  const names = playerNames(players);
  const open = async (player: SampleSettings['players'][number], at: number): Promise<Player> => {
    const baseUrl = player.base_url ?? config.modelBaseUrl ?? OPENAI_URL;
    const gate = gates.of({ baseUrl, model: player.model, apiKey: modelKey(player, config) });
    const { temperature, top_p, max_tokens, extra_body } = player;
    const tokenizer = player.tokenizer ?? undefined;
    const sampling = { ...(temperature !== null && { temperature }), ...(top_p !== null && { topP: top_p }) };
    const model = await openModel(player, { config, prices, isAsked: true, warn, tokenizer, gate, sampling });
    const told = { model: player.model, temperature, top_p, max_tokens, extra_body };
    return {
      name: names[at]!,
      config: agents.configs[at]!,
      model,
      settings: { ...told, base_url: withoutCredentials(baseUrl) },
      gate,
    };
  };
  return Promise.all(players.map(open));
}
