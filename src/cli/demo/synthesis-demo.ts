import { mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { PriceTable } from '../../agent/models/prices.js';
import { type Config, PROJECT_ROOT } from '../../config.js';
import type { Candidate } from '../../synth/candidate.js';
import { funnelOf } from '../../synth/pipeline/funnel.js';
import { writeReport } from '../../synth/report/write-report.js';
import { withRun } from '../../synth/run/run-store.js';
import { SynthSettings } from '../../synth/settings.js';
import { PromptSet } from '../../synth/teacher/prompts/prompt-set.js';
import { HubStandIn } from '../../testing/hub-stand-in/hub-stand-in.js';
import { loadHubRepos } from '../../testing/hub-stand-in/load-hub-repos.js';
import { startTeacherStandIn } from '../../testing/teacher-stand-in/start-teacher-stand-in.js';
import { CliError } from '../cli-error.js';
import type { Output } from '../output.js';
import type { PlayScript } from '../play/play-script.js';
import { openDrafts } from '../synth/gym-drafts.js';
import { openModels } from '../synth/open-models.js';
import { printFunnel } from '../synth/print-funnel.js';
import { makePipeline } from '../synth/run-pipeline.js';
import { sandboxCount } from '../synth/sandbox-count.js';
import { SynthesisStory } from './synthesis-story.js';

/** One that is mended by its evidence, one that is fine, one whose dataset nobody ever made. */
const TOPICS = ['surface-textures', 'pole-balancing', 'whale-whistles'];

const SETTINGS = SynthSettings.parse({
  topics: TOPICS.length,
  teachers: [{ model: 'stand-in' }],
  p_debug: 1,
  debug_iterations: 2,
  environment: { cpus: 1, memory_bytes: 2 ** 30 },
  verification: { baseline_runs: 2, evaluation_runs: 2, baseline_timeout_s: 60 },
});

/** What a synthesis brought. */
export interface SynthesizedPack {
  /** Directory of the pack. */
  pack: string;
  /** Published tasks, and actions that beat their baselines. */
  scripts: PlayScript[];
}

/**
 * Makes tasks out of three topics and shows how: teacher and Hub are stand-ins with recorded replies and small real datasets; sandboxes,
 * gates, self-debugging and publishing are those of every synthesis.
 * @param out directory that gets the directory of the run
 * @param onStop takes what ends the synthesis early
 * @throws CliError when it was stopped, or brings no task
 */
export async function synthesizeDemo(
  config: Config,
  out: string,
  output: Output,
  onStop: (stop: () => void) => void,
): Promise<SynthesizedPack> {
  await mkdir(out, { recursive: true });
  const directory = await mkdtemp(path.join(out, 'synth-'));
  await using hub = await HubStandIn.listen();
  for (const repo of await loadHubRepos(path.join(PROJECT_ROOT, 'stand-ins', 'hub'))) hub.addRepo(repo);
  const { endpoint, tasks } = await startTeacherStandIn({ topics: TOPICS });
  await using _teacher = endpoint;
  const own: Config = {
    ...config,
    // Datasets of a stand-in have no place among those of the Hub.
    stateDir: path.join(directory, 'state'),
    modelBaseUrl: endpoint.url,
    modelApiKey: 'stand-in',
    network: { ...config.network, hubUrl: hub.url, viewerUrl: hub.url, hubToken: undefined, isOffline: false },
  };
  const name = output.style('heading', 'From topics to tasks');
  output.line(`${name}  the teacher is a stand-in on ${endpoint.url}, the Hub one on ${hub.url}`);
  const candidates = await run(own, directory, output, onStop);
  output.line();
  printFunnel(funnelOf(candidates), output);
  const published = candidates.filter(({ state }) => state === 'published');
  const scripts = published.map(({ env_id, topic }) => ({
    task: env_id!,
    actions: [...tasks.find((task) => task.topic.title === topic.title)!.actions],
  }));
  if (scripts.length === 0) throw new CliError('The synthesis brought no task.', `Its directory is ${directory}.`);
  return { pack: path.join(directory, 'pack'), scripts };
}

async function run(
  config: Config,
  directory: string,
  output: Output,
  onStop: (stop: () => void) => void,
): Promise<Candidate[]> {
  const prompts = new PromptSet(null);
  const versions = Object.fromEntries((await prompts.check()).map(({ name, version }) => [name, String(version)]));
  return withRun(directory, { settings: SETTINGS, prompts: versions }, async (open) => {
    const drafts = await openDrafts(config, open.places.drafts);
    try {
      const models = await openModels(SETTINGS, config, PriceTable.builtIn, false);
      const sandboxes = sandboxCount(SETTINGS, drafts.gpus).count;
      const parts = { run: open, config, models, prompts, drafts, sandboxes, replay: null };
      const made = await makePipeline(parts, new SynthesisStory(output));
      onStop(() => made.pipeline.drop());
      const end = await made.run();
      if (end.why === 'fault') throw end.error;
      if (end.why !== 'complete') throw new CliError('The demo was stopped.', null, 130);
      await writeReport(open.places);
      output.line(`${output.style('faint', 'report')}  ${open.places.reportHtml}`);
      return await open.store.load();
    } finally {
      await drafts.close();
    }
  });
}
