import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Model, ModelRequest } from '../../src/agent/models/model.js';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import { EnvClient } from '../../src/client/index.js';
import { planAttempts } from '../../src/rollout/sampling/plan-attempts.js';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { Sampler } from '../../src/rollout/sampling/sampler.js';
import type { GymServer, Player, SamplerOptions } from '../../src/rollout/sampling/sampler-options.js';
import type { SamplerPowers } from '../../src/rollout/sampling/sampler-powers.js';
import { Ledger } from '../../src/store/ledger.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { TestServer } from '../../src/testing/test-server.js';
import { SAMPLE_CONFIG } from './sample-run.js';

export const RUN_ID = 'run-1';
const CONFIG = {
  ...SAMPLE_CONFIG,
  templates: { ...SAMPLE_CONFIG.templates, task: 'Say something.' },
  demonstrations: [],
  commandFiles: [],
  variables: {},
};

/** Says one thing and hands in. */
export function plainModel(before: (request: ModelRequest) => Promise<void> | void = () => {}): Model {
  return new ScriptedModel(async (request) => {
    await before(request);
    const spoken = request.messages.filter(({ role }) => role === 'assistant').length;
    return `I think.\n\`\`\`\n${spoken === 0 ? 'hello' : 'submit'}\n\`\`\``;
  });
}

export function player(name: string, model: Model = plainModel(), gate: Player['gate'] = null): Player {
  return { name, config: CONFIG, model, settings: {}, gate };
}

export function serverAt(url: string): GymServer {
  return {
    url,
    connect: (options) =>
      EnvClient.connect(url, { ...options, reconnect: { baseDelayMs: 5, maxDelayMs: 50, giveUpMs: 1500 } }),
  };
}

/** A server of echo tasks, a directory, and samplers that take up one another's run. */
export class SamplerWorld {
  private constructor(
    readonly root: string,
    readonly server: TestServer,
    readonly catalogue: EchoCatalogue,
    readonly tasks: readonly string[],
  ) {}

  static async open({ tasks = 3, maxEpisodes = 8 } = {}): Promise<SamplerWorld> {
    const root = await mkdtemp(path.join(tmpdir(), 'gs-sampler-'));
    const names = Array.from({ length: tasks }, (_, at) => `bench/echo${at}-v1`);
    const catalogue = new EchoCatalogue(names);
    const server = await TestServer.start({ catalogue, limits: { maxEpisodes } });
    onTestFinished(async () => {
      await server.stop();
      await rm(root, { recursive: true, force: true });
    });
    return new SamplerWorld(root, server, catalogue, names);
  }

  get places(): SamplePlaces {
    return new SamplePlaces(this.root);
  }

  /** Plays as one process of the run does. */
  async process<T>(
    given: Partial<SamplerOptions> & { attempts?: number },
    work: (sampler: Sampler, ledger: Ledger) => Promise<T>,
    powers?: SamplerPowers,
  ): Promise<T> {
    const ledger = Ledger.open(this.places.ledger);
    const { attempts = 4, players = [player('p')] } = given;
    const plan = {
      seed: 3,
      attempts,
      players: players.map(({ name }) => ({ name, weight: 1 })),
      playersPerAttempt: 'all' as const,
    };
    ledger.plan(
      planAttempts(
        plan,
        this.tasks.map((task) => ({ task, content_hash: 'sha256:echo', gpus: 0 })),
      ),
    );
    try {
      const sampler = new Sampler(
        {
          runId: RUN_ID,
          places: this.places,
          ledger,
          players,
          servers: [serverAt(this.server.url)],
          limits: { steps: null, usd: 0, tokens: 0, seconds: 0 },
          options: {},
          tries: 3,
          budget: { usd: null, tokens: null, gpu_hours: null, hours: null },
          atOnce: null,
          ...given,
        },
        powers,
      );
      return await work(sampler, ledger);
    } finally {
      ledger.close();
    }
  }

  /** Ids of the trajectories that are there. */
  async trajectories(): Promise<string[]> {
    const all = await readdir(this.places.trajectories, { recursive: true, withFileTypes: true }).catch(() => []);
    return all
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.places.trajectories, path.join(entry.parentPath, entry.name)))
      .map((file) => file.replace(/\.traj$/, ''))
      .sort();
  }

  async record(id: string) {
    return JSON.parse(await readFile(this.places.trajectory(id), 'utf8'));
  }
}
