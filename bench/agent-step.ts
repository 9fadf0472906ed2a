import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { loadAgentConfig } from '../src/agent/config/load-agent-config.js';
import { ScriptedModel } from '../src/agent/models/scripted-model.js';
import { playEpisode } from '../src/agent/play-episode.js';
import { readConfig } from '../src/config.js';
import { RunFiles } from '../src/rollout/run-files.js';
import { benchGym } from './gym-server.js';
import { latencyOf, ms } from './measure.js';
import { RawPipe } from './raw-pipe.js';
import type { Section } from './section.js';

const run = promisify(execFile);
const TASK = 'reference/breast-cancer-v1';
const IMAGE = 'gymsmith/cpu';
/** One step of an agent with MLGym's environment in MLGym's own paper-sized set-up, as its authors' logs show it. */
const PUBLISHED_MLGYM_MS = 503;
const ROUNDS = 50;
const EPISODES = 6;

/** A round of each kind; what an agent's day consists of. */
const KINDS: Readonly<Record<string, (round: number) => string>> = {
  true: () => 'true',
  ls: () => 'ls',
  open: () => 'open bench.py',
  'edit with lint': (round) => `edit 3:3\nvalue_2 = ${round}\nend_of_edit`,
};
const NAMES = Object.keys(KINDS);
const FIRST = 'for i in $(seq 0 119); do echo "value_$i = $i"; done > bench.py; ls';

const fence = '```';
const reply = (action: string) => `DISCUSSION\nWhat comes next.\n\n${fence}\n${action}\n${fence}`;
const actionOf = (round: number) => KINDS[NAMES[round % NAMES.length]!]!(round);

/** Milliseconds of rounds, by kind. */
type Rounds = Record<string, number[]>;

/** Plays episodes with a model that answers at once, and keeps their trajectories on disk as a user would. */
async function ours(backend: 'docker' | 'local', directory: string): Promise<Rounds> {
  const gym = await benchGym(backend, 1);
  const rounds: Rounds = Object.fromEntries(NAMES.map((name) => [name, []]));
  try {
    const config = await loadAgentConfig('default');
    for (let episode = 0; episode < EPISODES; episode++) {
      let round = 0;
      const model = new ScriptedModel(() => {
        const action = round === 0 ? FIRST : round < ROUNDS ? actionOf(round) : 'exit_forfeit';
        return reply(action);
      });
      const files = new RunFiles(directory, { config, model: { name: model.name, settings: {} } });
      let startedMs = 0;
      // Comes after the files: a round ends when it is on disk.
      const clock = {
        onStart: () => {
          startedMs = performance.now();
        },
        onStep: () => {
          const nowMs = performance.now();
          if (round > 0 && round < ROUNDS && episode > 0) rounds[NAMES[round % NAMES.length]!]!.push(nowMs - startedMs);
          startedMs = nowMs;
          round++;
        },
      };
      await playEpisode(gym.client, TASK, {
        config,
        model,
        options: { max_steps: ROUNDS + 1, compat: 'mlgym' },
        listeners: [files, clock],
      });
    }
    return rounds;
  } finally {
    await gym.close();
  }
}

async function mlgym(python: string, checkout: string, directory: string): Promise<Rounds> {
  const replies = [FIRST, ...Array.from({ length: ROUNDS }, (_, index) => actionOf(index + 1)), 'exit_forfeit'].map(
    reply,
  );
  const file = path.join(directory, 'replies.json');
  await writeFile(file, JSON.stringify(replies));
  await run('docker', [
    'build',
    '-q',
    '--network',
    'none',
    '-t',
    'gymsmith/bench-mlgym',
    '-f',
    'bench/peers/mlgym.Dockerfile',
    'bench/peers',
  ]);
  const words = ['bench/peers/mlgym_agent_steps.py', checkout, 'gymsmith/bench-mlgym', 'battleOfSexes', file];
  const { stdout } = await run(python, words, { timeout: 300_000, maxBuffer: 16 * 2 ** 20 });
  const times = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as number[];
  const rounds: Rounds = Object.fromEntries(NAMES.map((name) => [name, []]));
  for (const [index, time] of times.slice(0, ROUNDS).entries()) rounds[NAMES[(index + 1) % NAMES.length]!]!.push(time);
  return rounds;
}

async function rawTrue(pipe: RawPipe): Promise<number> {
  const samples: number[] = [];
  for (let index = 0; index < 200; index++) {
    const started = performance.now();
    await pipe.step('true');
    samples.push(performance.now() - started);
  }
  await pipe.close();
  return latencyOf(samples).p50;
}

/**
 * The whole step of an agent: prompt, history, parsing, the wire, the sandbox, the trajectory on disk; the model answers at once.
 * @param peer MLGym's checkout and a Python that has its dependencies; null: the published number stands for it
 */
export async function agentStep(peer: { python: string; checkout: string } | null): Promise<Section> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-bench-'));
  try {
    const raw = {
      docker: await rawTrue(await RawPipe.docker(IMAGE)),
      local: await rawTrue(await RawPipe.local(readConfig().rootfs)),
    };
    const docker = await ours('docker', directory);
    const local = await ours('local', directory);
    const theirs = peer ? await mlgym(peer.python, peer.checkout, directory) : null;
    const cells = (rounds: Rounds) =>
      NAMES.map((name) => {
        const { p50, p99 } = latencyOf(rounds[name] ?? []);
        return `${ms(p50)} / ${ms(p99)}`;
      });
    const p50 = (rounds: Rounds, name: string) => latencyOf(rounds[name] ?? []).p50;
    const over = Math.max(p50(docker, 'true') - raw.docker, p50(local, 'true') - raw.local);
    const slowest = Math.max(...NAMES.flatMap((name) => [p50(docker, name), p50(local, name)]));
    const theirMs = theirs ? p50(theirs, 'true') : PUBLISHED_MLGYM_MS;
    const times = theirMs / Math.max(p50(docker, 'true'), p50(local, 'true'));
    return {
      title: 'Agent step',
      method:
        `p50 / p99 in ms of ${(ROUNDS - 1) * (EPISODES - 1)} rounds of the default agent in text dialect with a model that answers at once: state, prompt, ` +
        'history, model call, parsing, the wire, the sandbox, the observation, the trajectory rewritten on disk.',
      header: ['', ...NAMES.map((name) => `\`${name}\``)],
      rows: [
        ['Gymsmith, Docker', ...cells(docker)],
        ['Gymsmith, bubblewrap', ...cells(local)],
        theirs
          ? ["MLGym's environment and agent, Docker, this machine", ...cells(theirs)]
          : ["MLGym's environment and agent, published", `${PUBLISHED_MLGYM_MS}`, '-', '-', '-'],
      ],
      verdicts: [
        {
          target: 'everything but model and command at most 5 ms',
          measured: `${ms(over)} ms; the slowest kind of round takes ${ms(slowest)} ms with its command`,
          met: over <= 5,
        },
        { target: "MLGym's own at least 100 times slower", measured: `${times.toFixed(0)} times`, met: times >= 100 },
      ],
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
