import path from 'node:path';
import { PriceTable } from '../../agent/models/prices.js';
import type { Config } from '../../config.js';
import { buildDataset } from '../../rollout/dataset/build/build-dataset.js';
import { DatasetSettings } from '../../rollout/dataset/dataset-settings.js';
import { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import { withSampleRun } from '../../rollout/sampling/with-sample-run.js';
import { ChatEndpoint } from '../../testing/chat-endpoint/chat-endpoint.js';
import { readSolutions } from '../../testing/chat-endpoint/read-solutions.js';
import { solutionPolicy } from '../../testing/chat-endpoint/solution-policy.js';
import { parseTemper } from '../../testing/chat-endpoint/temper.js';
import { printBuilt } from '../dataset/print-built.js';
import type { Output } from '../output.js';
import { makeSampler } from '../sample/make-sampler.js';
import { loadSampleAgents, openPlayers } from '../sample/sample-players.js';
import { openSampleServers } from '../sample/sample-servers.js';
import { SampleView } from '../sample/sample-view.js';

const TASKS = ['reference/diabetes-progression', 'reference/throw-league'];
const ATTEMPTS = 2;
/** One that solves, and one that seldom does. */
const MODELS = ['strong', 'weak=baseline:1,wanders:1,detours:0-2,thoughts:100-400'].map(parseTemper);
const MOST_STEPS = 14;

/** What the demo of sampling needs. */
export interface SamplingDemo {
  /** Of the server, with its token among the settings. */
  url: string;
  config: Config;
  /** The reference pack, whose solutions the endpoint knows. */
  pack: string;
  /** Where run and dataset are kept. */
  root: string;
  output: Output;
  /** Takes what stops it. */
  onStart: (stop: () => void) => void;
}

/**
 * Samples trajectories of two stand-in models of different quality, and makes a dataset of those that are good enough: everything of a
 * real run but the models.
 * @returns whether every attempt came to its end and the dataset was made
 */
export async function sampleDemo({ url, config, pack, root, output, onStart }: SamplingDemo): Promise<boolean> {
  const tempers = Object.fromEntries(MODELS.map(({ name, temper }) => [name, temper]));
  await using endpoint = await ChatEndpoint.start(solutionPolicy(await readSolutions(pack), tempers), {
    models: MODELS.map(({ name }) => ({ id: name })),
  });
  const settings = SampleSettings.parse({
    servers: [url],
    tasks: TASKS,
    attempts: ATTEMPTS,
    players: MODELS.map(({ name }) => ({ model: name, base_url: endpoint.url })),
    players_per_attempt: 'all',
    limits: { steps: MOST_STEPS, usd: 0 },
  });
  output.heading(`${TASKS.length} tasks, ${ATTEMPTS} attempts of each of two models: trajectories for a dataset`);
  const place = path.join(root, `sample-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`);
  const run = path.join(place, 'run');
  const opened = await openSampleServers(settings, { token: config.token });
  const agents = await loadSampleAgents(settings);
  const warn = (text: string) => output.line(output.style('warn', text));
  const players = await openPlayers({ settings, agents, config, prices: PriceTable.builtIn, warn });
  const stopping = new AbortController();
  const { why } = await withSampleRun(run, { settings, agents: agents.hashes }, async (open) => {
    const view = new SampleView({ output, isQuiet: false, json: null });
    const sampler = makeSampler({ run: open, players, opened, listener: view });
    onStart(() => {
      stopping.abort();
      sampler.drop();
    });
    view.watch({ snapshot: () => sampler.snapshot(), budget: settings.budget, wallSeconds: 0 });
    return sampler.run().finally(() => view.stop());
  });
  if (why !== 'complete') return false;
  output.line();
  const manifest = await buildDataset(DatasetSettings.parse({ sources: [run] }), {
    out: path.join(place, 'dataset'),
    force: false,
    labelsDirectory: path.join(config.stateDir, 'labels'),
    threads: 1,
    signal: stopping.signal,
  });
  printBuilt(manifest, path.join(place, 'dataset'), output);
  return true;
}
