import path from 'node:path';
import { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import { CliError } from '../cli-error.js';
import { type GivenSetting, mergeSettings } from '../settings/merge-settings.js';
import { placedAgent } from '../settings/placed-agent.js';
import { refuseCredentials } from '../settings/refuse-credentials.js';
import { weightedModel } from '../settings/weighted-model.js';
import type { SampleSettingFlags } from './sample-flags.js';

/** Of which every part is there. */
const COMPLETE = SampleSettings.parse({ players: [{ model: 'any' }] });

/**
 * Puts the file of settings and the flags together.
 * @param base settings of a run that is taken up, for those who name neither file nor player
 * @returns settings with paths made absolute
 * @throws CliError naming each fault with its line or flag, and what to write instead
 */
export function readSampleSettings(flags: SampleSettingFlags, base: SampleSettings | null): SampleSettings {
  const file = flags.config;
  const players = [...(flags.player ?? []), ...(flags.teacher ?? [])];
  const settings = mergeSettings({
    schema: SampleSettings,
    file,
    base,
    given: givenBy(flags, players),
    complete: COMPLETE,
    refuse: (merged) => refuseNoPlayer(merged, file),
  });
  const where = `The address of an endpoint${file === undefined ? '' : ` (${file})`}`;
  for (const { base_url } of settings.players) refuseCredentials(base_url, where, 'Put the key into OPENAI_API_KEY.');
  for (const server of settings.servers) {
    if (!/^(ws|http)s?:\/\//.test(server) || !URL.canParse(server)) {
      throw new CliError(`--url: ${server} is no server address.`, 'One looks like ws://host:8765.', 2);
    }
    refuseCredentials(server, `--url: ${server.replace(/\/\/[^/@]*@/, '//')}`, 'Put the token into GYMSMITH_TOKEN.');
  }
  return {
    ...settings,
    packs: settings.packs.map((pack) => path.resolve(pack)),
    players: settings.players.map((player) => ({
      ...player,
      agent: placedAgent(player.agent),
      tokenizer: player.tokenizer && path.resolve(player.tokenizer),
    })),
  };
}

function refuseNoPlayer(merged: Record<string, unknown>, file: string | undefined): void {
  if (Array.isArray(merged.players) && merged.players.length > 0) return;
  // A name that is mistyped is told instead.
  if (merged.players !== undefined || Object.keys(merged).some((name) => !(name in SampleSettings.shape))) return;
  const where = file === undefined ? '' : `, or write in ${file}:  players: [{model: gpt-4.1-mini}]`;
  throw new CliError('No model is named that plays.', `Name one: --player gpt-4.1-mini${where}`, 2);
}

function givenBy(flags: SampleSettingFlags, players: readonly string[]): GivenSetting[] {
  const plain: [string, string, unknown][] = [
    ['--seed', 'seed', flags.seed],
    ['--url', 'servers', flags.url],
    ['--pack', 'packs', flags.pack],
    ['--task', 'tasks', flags.task],
    ['--exclude', 'exclude', flags.exclude],
    ['--attempts', 'attempts', flags.attempts],
    ['--player', 'players', players.length > 0 ? players.map(weightedModel) : undefined],
    ['--every-player', 'players_per_attempt', flags.everyPlayer ? 'all' : undefined],
    ['--base-url', 'players.*.base_url', flags.baseUrl],
    ['--agent', 'players.*.agent', flags.agent],
    ['--dialect', 'players.*.dialect', flags.dialect],
    ['--temperature', 'players.*.temperature', flags.temperature],
    ['--top-p', 'players.*.top_p', flags.topP],
    ['--max-steps', 'limits.steps', flags.maxSteps],
    ['--cost-limit', 'limits.usd', flags.costLimit],
    ['--token-limit', 'limits.tokens', flags.tokenLimit],
    ['--time-limit', 'limits.seconds', flags.timeLimit],
    ['--tries', 'tries', flags.tries],
    ['--max-usd', 'budget.usd', flags.maxUsd],
    ['--max-tokens', 'budget.tokens', flags.maxTokens],
    ['--max-gpu-hours', 'budget.gpu_hours', flags.maxGpuHours],
    ['--max-hours', 'budget.hours', flags.maxHours],
    ['--episodes', 'concurrency.episodes', flags.episodes],
    ['--questions', 'concurrency.questions', flags.questions],
  ];
  return plain
    .filter(([, , value]) => value !== undefined)
    .map(([flag, place, value]) => ({ flag, path: place.split('.'), value }));
}
