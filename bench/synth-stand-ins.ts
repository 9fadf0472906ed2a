import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PriceTable } from '../src/agent/models/prices.js';
import { openDrafts } from '../src/cli/synth/gym-drafts.js';
import { openModels } from '../src/cli/synth/open-models.js';
import { makePipeline } from '../src/cli/synth/run-pipeline.js';
import { PROJECT_ROOT, readConfig } from '../src/config.js';
import { uniform } from '../src/run/uniform.js';
import { withRun } from '../src/synth/run/run-store.js';
import { SynthSettings } from '../src/synth/settings.js';
import { PromptSet } from '../src/synth/teacher/prompts/prompt-set.js';
import { HubStandIn } from '../src/testing/hub-stand-in/hub-stand-in.js';
import { loadHubRepos } from '../src/testing/hub-stand-in/load-hub-repos.js';
import { startTeacherStandIn, TEACHER_RECORDINGS } from '../src/testing/teacher-stand-in/start-teacher-stand-in.js';
import { type LowerBound, ScheduleWatch } from './schedule-watch.js';

/** A run that was measured. */
export interface Measured {
  name: string;
  /** So much shorter than real ones times were. */
  factor: number;
  counts: { questions: number; sandboxes: number };
  wallMs: number;
  bound: LowerBound;
}

const FACTOR = 10;
const SANDBOXES = 4;
const QUESTIONS = 8;
/** Jobs of 10 s to 2 min. */
const JOB_S = { least: 10, most: 120 };
const TOPICS = [
  'penguin-species',
  'auction-bidding',
  'spam-mails',
  'sunspot-gaps',
  'packing-bins',
  'president-years',
  'tone-denoising',
  'arm-choice',
  'surface-textures',
  'visitor-recommendation',
  'store-inventory',
  'pole-balancing',
];

/** Makes tasks of recorded replies in local sandboxes, with teachers and baselines that take their time. */
export async function measureStandIns(): Promise<Measured> {
  // The path of a socket is short, and the directory for temporary files need not be.
  const root = await mkdtemp('/tmp/gs-bench-');
  const hub = await HubStandIn.listen();
  for (const repo of await loadHubRepos(path.join(PROJECT_ROOT, 'stand-ins', 'hub'))) hub.addRepo(repo);
  const { endpoint, tasks } = await startTeacherStandIn({
    recordings: await sleepyRecordings(path.join(root, 'recordings')),
    topics: TOPICS,
    latency: { firstTokenMs: 4000 / FACTOR, tokenMs: 12 / FACTOR, spread: 0.6, seed: 1 },
  });
  try {
    const config = readConfig({
      ...process.env,
      GYMSMITH_BACKEND: 'local',
      GYMSMITH_RUN_DIR: path.join(root, 'run'),
      HF_ENDPOINT: hub.url,
      GYMSMITH_HUB_VIEWER: hub.url,
      OPENAI_BASE_URL: endpoint.url,
      OPENAI_API_KEY: 'any',
    });
    const settings = SynthSettings.parse({
      topics: tasks.length,
      teachers: [{ model: 'stand-in' }],
      p_debug: 1,
      environment: { memory_bytes: 2 ** 30 },
      hub: { max_rows: 2000 },
      concurrency: { teacher: QUESTIONS, sandboxes: SANDBOXES },
    });
    const own = { ...config, stateDir: path.join(root, 'state'), rootfs: readConfig().rootfs };
    const prompts = new PromptSet(null);
    return await withRun(path.join(root, 'synth'), { settings, prompts: {} }, async (run) => {
      const drafts = await openDrafts(own, run.places.drafts);
      try {
        const models = await openModels(settings, own, PriceTable.builtIn, false);
        const watch = new ScheduleWatch();
        const startedAtMs = performance.now();
        const parts = { run, config: own, models, prompts, drafts, sandboxes: SANDBOXES, replay: null };
        const end = await (await makePipeline({ ...parts, watch: watch.watch }, watch)).run();
        if (end.why !== 'complete') throw new Error(`The run ended: ${JSON.stringify(end)}`);
        return {
          name: `stand-ins, ${TOPICS.length} topics, ${SANDBOXES} local sandboxes`,
          factor: FACTOR,
          counts: watch.counts,
          wallMs: performance.now() - startedAtMs,
          bound: watch.lowerBound({ questions: QUESTIONS, sandboxes: SANDBOXES }),
        };
      } finally {
        await drafts.close();
      }
    });
  } finally {
    await endpoint.close();
    await hub.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** The recordings that ship, with baselines that sleep before they begin. */
async function sleepyRecordings(directory: string): Promise<string> {
  await cp(TEACHER_RECORDINGS, directory, { recursive: true });
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.name !== 'baseline.py') continue;
    const file = path.join(entry.parentPath, entry.name);
    const chance = uniform(path.relative(directory, file));
    const seconds = (JOB_S.least * (JOB_S.most / JOB_S.least) ** chance) / FACTOR;
    // After what has to come first in a program.
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text.trimEnd()}\n\nimport time as _time\n_time.sleep(${seconds.toFixed(2)})\n`);
  }
  return directory;
}
