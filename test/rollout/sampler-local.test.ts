import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import { PROJECT_ROOT } from '../../src/config.js';
import { Episode } from '../../src/env/episode/episode.js';
import { taskDetail } from '../../src/env/packs/task-summary.js';
import { readTrajectory } from '../../src/rollout/read-trajectory.js';
import { planAttempts } from '../../src/rollout/sampling/plan-attempts.js';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { Sampler } from '../../src/rollout/sampling/sampler.js';
import { Ledger } from '../../src/store/ledger.js';
import { readSolutions } from '../../src/testing/chat-endpoint/read-solutions.js';
import { TestServer } from '../../src/testing/test-server.js';
import { RealGym } from '../env/real-gym.js';
import { serverAt } from './sampler-world.js';

const PACK = path.join(PROJECT_ROOT, 'packs', 'reference');

it('plays a real task in real sandboxes, and knows what came of it [T1] [T2]', async () => {
  const gym = await RealGym.open(PACK);
  const task = gym.task('reference/throw-league-v1');
  const detail = taskDetail(task);
  const catalogue = {
    list: () => [detail],
    describe: () => detail,
    create: (id: string, params: Parameters<typeof Episode.create>[2]) => Episode.create(id, task, params, gym.deps),
  };
  const server = await TestServer.start({ catalogue });
  const root = await mkdtemp('/tmp/gs-local-');
  const places = new SamplePlaces(root);
  const ledger = Ledger.open(places.ledger);
  try {
    const solution = (await readSolutions(PACK)).find(({ match }) => task.description.includes(match))!;
    const model = new ScriptedModel(({ messages }) => {
      const said = messages.filter(({ role }) => role === 'assistant').length;
      return `DISCUSSION\nOn.\n\`\`\`\n${solution.actions[said] ?? 'submit'}\n\`\`\``;
    });
    const evaluated = solution.actions.filter((action) => /^(?:validate|submit)\b/.test(action)).length;
    const config = await loadAgentConfig('default');
    const players = [{ name: 'p', weight: 1 }];
    ledger.plan(planAttempts({ seed: 1, attempts: 2, players, playersPerAttempt: 'weights' }, [detail]));
    const sampler = new Sampler({
      runId: 'r',
      places,
      ledger,
      players: [{ name: 'p', config: { ...config, history: [] }, model, settings: {}, gate: null }],
      servers: [serverAt(server.url)],
      limits: { steps: null, usd: 0, tokens: 0, seconds: 0 },
      options: {},
      tries: 3,
      budget: { usd: null, tokens: null, gpu_hours: null, hours: null },
      atOnce: null,
    });
    expect(await sampler.run()).toEqual({ why: 'complete' });
    for (const { id } of ledger.attempts({ state: 'done' })) {
      const { trajectory } = await readTrajectory(places.trajectory(id));
      const outcome = ledger.outcome(id)!;
      expect(outcome).toMatchObject({ stop: 'ended', valid: evaluated, improves: true, exit_status: 'submitted' });
      expect(outcome.steps).toBe(trajectory.trajectory.length);
    }
    expect(ledger.counts().done).toBe(2);
  } finally {
    ledger.close();
    await server.stop();
    await gym.close();
    await rm(root, { recursive: true, force: true });
  }
}, 120_000);
