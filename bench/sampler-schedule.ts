import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import path from 'node:path';
import { loadAgentConfig } from '../src/agent/config/load-agent-config.js';
import { createModel } from '../src/agent/models/create-model.js';
import { RequestGates } from '../src/agent/models/request-gates.js';
import { EnvClient } from '../src/client/index.js';
import { PROJECT_ROOT } from '../src/config.js';
import { loadPack } from '../src/env/packs/pack.js';
import { planAttempts } from '../src/rollout/sampling/plan-attempts.js';
import { keepTrajectory, playAttempt } from '../src/rollout/sampling/play-attempt.js';
import { SamplePlaces } from '../src/rollout/sampling/sample-places.js';
import { Sampler } from '../src/rollout/sampling/sampler.js';
import { uniform } from '../src/run/uniform.js';
import { Ledger } from '../src/store/ledger.js';
import { ChatEndpoint } from '../src/testing/chat-endpoint/chat-endpoint.js';
import { messageText } from '../src/testing/chat-endpoint/chat-request.js';
import { ChatTurn } from '../src/testing/chat-endpoint/chat-turn.js';
import { benchGym } from './gym-server.js';
import type { Section } from './section.js';

const SLOTS = 64;
const MOST_OVER = 0.07;
const LATENCY_MS = { least: 1000, most: 20_000 };
/** The shortest first: an episode has 2 to 12 actions by its task, and up to two more. */
const TASKS = [
  'throw-league',
  'diabetes-progression',
  'breast-cancer',
  'heartbeat-forecast',
  'commit-triage',
  'cart-swing-up',
];
const idOf = (name: string) => `reference/${name}-v1`;
const ACTIONS = ['ls', 'pwd', 'cat baseline.py', 'ls -la', 'wc -l *', 'date'];
/** Attempts at each task: some ten rounds of the slots, or four. */
const ATTEMPTS = { whole: 107, short: 43 };

/** How near a run of sampling comes to the schedule of somebody who knows all durations beforehand. */
export async function samplerSchedule(): Promise<Section> {
  const attempts = process.env.BENCH_SAMPLER === 'short' ? ATTEMPTS.short : ATTEMPTS.whole;
  const measured = await measure(attempts);
  const { durationsMs, wallMs } = measured;
  const total = durationsMs.reduce((sum, ms) => sum + ms, 0);
  const bound = Math.max(total / SLOTS, ...durationsMs);
  const listed = longestFirst(durationsMs, SLOTS);
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const over = (ideal: number) => `${(100 * (wallMs / ideal - 1)).toFixed(1)} %`;
  return {
    title: 'Sampler: wall-clock against the ideal schedule',
    method: `${durationsMs.length} episodes of six reference tasks in local sandboxes, ${SLOTS} at once, with a real endpoint whose answers take 1-20 s (evenly distributed logarithms) and 2 to 14 actions an episode, by their task. Durations are those of this run, from the request of a reset to the end of the close. Lower bound: the longer of all durations / ${SLOTS} and the longest one; no schedule is shorter. Longest first: the list schedule of somebody who knows all durations beforehand. The target is held against the lower bound. Load of the machine (1 min) at start and end: ${measured.load.map((load) => load.toFixed(1)).join(' and ')}.`,
    header: [
      'episodes',
      'wall-clock s',
      'mean s',
      'longest s',
      'lower bound s',
      'longest first s',
      'over the bound',
      'over longest first',
    ],
    rows: [
      [
        String(durationsMs.length),
        seconds(wallMs),
        seconds(total / durationsMs.length),
        seconds(Math.max(...durationsMs)),
        seconds(bound),
        seconds(listed),
        over(bound),
        over(listed),
      ],
    ],
    verdicts: [
      {
        target: `${SLOTS} slots, answers of 1-20 s: within 7 % of the ideal schedule`,
        measured: over(bound),
        met: wallMs / bound - 1 <= MOST_OVER,
      },
    ],
  };
}

async function measure(attempts: number): Promise<{ durationsMs: number[]; wallMs: number; load: number[] }> {
  // The path of a socket is short, and the directory for temporary files need not be.
  const root = await mkdtemp('/tmp/gs-bench-');
  const gym = await benchGym('local', 0);
  const endpoint = await ChatEndpoint.start(await timedPolicy());
  const ledger = Ledger.open(path.join(root, 'ledger.sqlite'));
  try {
    const served = await gym.client.listTasks();
    const tasks = served.filter(({ task }) => TASKS.some((name) => idOf(name) === task));
    // Baselines are measured once, at the first reset of a task.
    for (const { task } of tasks) await (await gym.client.reset(task)).close();
    const players = [{ name: 'stand-in', weight: 1 }];
    ledger.plan(planAttempts({ seed: 1, attempts, players, playersPerAttempt: 'all' }, tasks));
    const asked = { baseUrl: endpoint.url, model: 'stand-in', apiKey: 'any' };
    const gate = new RequestGates().of(asked);
    const model = await createModel(asked.model, { ...asked, gate });
    const durationsMs: number[] = [];
    const timedPlay: typeof playAttempt = async (...given) => {
      const begunMs = performance.now();
      const run = await playAttempt(...given);
      durationsMs.push(performance.now() - begunMs);
      return run;
    };
    const sampler = new Sampler(
      {
        runId: 'bench',
        places: new SamplePlaces(root),
        ledger,
        players: [{ name: 'stand-in', config: await loadAgentConfig('default'), model, settings: {}, gate }],
        servers: [{ url: gym.url, connect: (options) => EnvClient.connect(gym.url, options) }],
        limits: { steps: null, usd: 0, tokens: 0, seconds: 0 },
        options: {},
        tries: 3,
        budget: { usd: null, tokens: null, gpu_hours: null, hours: null },
        atOnce: SLOTS,
      },
      { play: timedPlay, keep: keepTrajectory },
    );
    const load = [loadavg()[0] ?? 0];
    const startedMs = performance.now();
    const end = await sampler.run();
    const wallMs = performance.now() - startedMs;
    if (end.why !== 'complete' || ledger.counts().done !== attempts * tasks.length) {
      throw new Error(`The run ended: ${JSON.stringify([end, ledger.counts(), ledger.faults(3)])}`);
    }
    return { durationsMs, wallMs, load: [...load, loadavg()[0] ?? 0] };
  } finally {
    ledger.close();
    await endpoint.close();
    await gym.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** Looks around for as long as its task takes, and hands in nothing: sandboxes are real, evaluations would only compete for cores. */
async function timedPolicy() {
  const { tasks } = await loadPack(path.join(PROJECT_ROOT, 'packs', 'reference'));
  const matches = TASKS.map((name) => {
    const { description = '' } = tasks.find(({ envId }) => envId === idOf(name)) ?? {};
    return description.trim().split('\n')[0] ?? '';
  });
  return ({ messages, seed }: { messages: Parameters<typeof messageText>[0][]; seed?: number | null }) => {
    const said = messages.filter(({ role }) => role === 'assistant').length;
    const prompts = messages.map(messageText);
    const known = matches.findIndex((match) => prompts.some((prompt) => prompt.includes(match)));
    const length = 2 + 2 * known + Math.floor(3 * uniform('length', seed ?? 0));
    const action = said < length ? (ACTIONS[said % ACTIONS.length] ?? 'ls') : 'submit';
    const { least, most } = LATENCY_MS;
    const first_token_ms = least * (most / least) ** uniform('latency', seed ?? 0, said);
    return ChatTurn.parse({ text: `DISCUSSION\nOn with it.\n\`\`\`\n${action}\n\`\`\``, first_token_ms });
  };
}

/** @returns when the last of them ends, the longest begun first and each as soon as a slot is free */
function longestFirst(durationsMs: readonly number[], slots: number): number {
  const free = Array.from({ length: slots }, () => 0);
  for (const ms of [...durationsMs].sort((a, b) => b - a)) {
    const at = free.indexOf(Math.min(...free));
    free[at] = free[at]! + ms;
  }
  return Math.max(...free);
}
