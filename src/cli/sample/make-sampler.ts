import { planAttempts } from '../../rollout/sampling/plan-attempts.js';
import { playerNames } from '../../rollout/sampling/player-names.js';
import type { SampleListener } from '../../rollout/sampling/sample-listener.js';
import { Sampler } from '../../rollout/sampling/sampler.js';
import type { Player } from '../../rollout/sampling/sampler-options.js';
import type { OpenSampleRun } from '../../rollout/sampling/with-sample-run.js';
import type { SampleServers } from './sample-servers.js';

/** What a sampler of a run is made of. */
export interface SamplerParts {
  run: OpenSampleRun;
  players: readonly Player[];
  opened: Pick<SampleServers, 'servers' | 'tasks'>;
  listener: SampleListener;
}

/**
 * Plans the attempts of a run that are not there yet, and makes what plays them.
 * @throws StoreError when what is planned is another task than then
 */
export function makeSampler({ run, players, opened, listener }: SamplerParts): Sampler {
  const { places, manifest, ledger } = run;
  const { seed, attempts, players_per_attempt, limits, options, tries, budget, concurrency } = manifest.settings;
  const names = playerNames(manifest.settings.players);
  const weighted = manifest.settings.players.map(({ weight }, at) => ({ name: names[at]!, weight }));
  const plan = { seed, attempts, players: weighted, playersPerAttempt: players_per_attempt };
  ledger.plan(planAttempts(plan, opened.tasks));
  return new Sampler({
    runId: manifest.id,
    places,
    ledger,
    players,
    servers: opened.servers,
    limits,
    options,
    tries,
    budget,
    atOnce: concurrency.episodes,
    listener,
  });
}
