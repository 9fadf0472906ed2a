import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { PriceTable } from '../../src/agent/models/prices.js';
import { openDrafts } from '../../src/cli/synth/gym-drafts.js';
import { openModels } from '../../src/cli/synth/open-models.js';
import { makePipeline } from '../../src/cli/synth/run-pipeline.js';
import { type Config, PROJECT_ROOT, readConfig } from '../../src/config.js';
import { log } from '../../src/log.js';
import type { Candidate } from '../../src/synth/candidate.js';
import type { PipelineEnd } from '../../src/synth/pipeline/pipeline.js';
import type { SynthListener } from '../../src/synth/pipeline/synth-listener.js';
import { withRun } from '../../src/synth/run/run-store.js';
import { SynthSettings } from '../../src/synth/settings.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import type { ChatEndpoint, JournalEntry } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { loadHubRepos } from '../../src/testing/hub-stand-in/load-hub-repos.js';
import type { RecordedTask } from '../../src/testing/teacher-stand-in/recorded-task.js';
import { startTeacherStandIn, TEACHER_RECORDINGS } from '../../src/testing/teacher-stand-in/start-teacher-stand-in.js';
import { readYaml } from '../../src/yaml/yaml.js';

/** The settings for trials: recorded programs take less than a second, and slow ones must not take long. */
export const TRIAL = readYaml(readFileSync(path.join(TEACHER_RECORDINGS, 'synth.yaml'), 'utf8')).value as Record<
  string,
  Record<string, unknown>
>;

/** Both stand-ins, and a place for runs, in this process. */
export class StandInWorld implements AsyncDisposable {
  private constructor(
    readonly root: string,
    readonly config: Config,
    readonly hub: HubStandIn,
    readonly teacher: ChatEndpoint,
    readonly tasks: readonly RecordedTask[],
    /** What a process needs in its environment to be in this world. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /**
   * @param topics names of the index; default: all
   * @param onChat told of each question that was answered, or whose asker left
   */
  static async open(topics?: readonly string[], onChat?: (chat: JournalEntry) => void): Promise<StandInWorld> {
    log.level = 'error';
    // The path of a socket is short, and the directory for temporary files need not be.
    const root = await mkdtemp('/tmp/gs-synth-');
    const hub = await HubStandIn.listen();
    for (const repo of await loadHubRepos(path.join(PROJECT_ROOT, 'stand-ins', 'hub'))) hub.addRepo(repo);
    const { endpoint, tasks } = await startTeacherStandIn({ topics, onRequest: onChat });
    const environment = {
      GYMSMITH_BACKEND: 'local',
      GYMSMITH_RUN_DIR: path.join(root, 'live'),
      GYMSMITH_STATE_DIR: path.join(root, 'state'),
      GYMSMITH_ROOTFS: readConfig().rootfs,
      GYMSMITH_LOG_LEVEL: 'error',
      HF_ENDPOINT: hub.url,
      GYMSMITH_HUB_VIEWER: hub.url,
      OPENAI_BASE_URL: endpoint.url,
      OPENAI_API_KEY: 'any',
    };
    const config = readConfig({ ...process.env, ...environment });
    return new StandInWorld(root, config, hub, endpoint, tasks, environment);
  }

  /** @param given settings over those that make recorded replies quick to try out */
  settings(given: Record<string, unknown> = {}): SynthSettings {
    return SynthSettings.parse({
      ...TRIAL,
      topics: this.tasks.filter(({ entry }) => entry.expected !== null).length,
      contamination: [path.join(PROJECT_ROOT, 'packs', 'reference')],
      ...given,
    });
  }

  /** Synthesizes into `name` below the root. */
  async synthesize(
    name: string,
    settings: SynthSettings,
    { sandboxes = 3, listener = {} as SynthListener } = {},
  ): Promise<{ directory: string; end: PipelineEnd; candidates: Candidate[] }> {
    const directory = path.join(this.root, name);
    const prompts = new PromptSet(null);
    const stamps = await prompts.check();
    const versions = Object.fromEntries(stamps.map((stamp) => [stamp.name, stamp.sha256]));
    const { end, candidates } = await withRun(directory, { settings, prompts: versions }, async (run) => {
      const drafts = await openDrafts(this.config, run.places.drafts);
      try {
        const models = await openModels(settings, this.config, PriceTable.builtIn, false);
        const parts = { run, config: this.config, models, prompts, drafts, sandboxes, replay: null };
        const made = await makePipeline(parts, listener);
        return { end: await made.run(), candidates: await run.store.load() };
      } finally {
        await drafts.close();
      }
    });
    return { directory, end, candidates };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.teacher.close();
    await this.hub.close();
    await rm(this.root, { recursive: true, force: true });
  }
}
