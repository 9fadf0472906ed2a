import { readdirSync, readFileSync } from 'node:fs';
import { EnvClient } from '../src/client/index.js';
import { benchGym } from './gym-server.js';
import { latencyOf, ms } from './measure.js';
import type { Section } from './section.js';
import { freePort, serveEcho } from './serve-child.js';

const TASK = 'reference/throw-league-v1';
const EPISODES = 500;
const RESETS_AT_ONCE = 8;

/** Proportional set size of this process and of all its descendants' sandboxes, in MiB: memory that is shared counts once. */
function sandboxMemoryMiB(): number {
  let kilobytes = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (Number(pid) === process.pid) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const isSandbox = command.includes('envd') || command.startsWith('bwrap') || command.startsWith('/bin/bash');
      if (!isSandbox) continue;
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      // The process ended between the two reads.
    }
  }
  return kilobytes / 1024;
}

/** KiB that one connected session without an episode takes in a server of its own process. */
async function idleSessionKiB(): Promise<number> {
  const sessions = 1000;
  const port = await freePort();
  const server = await serveEcho(port);
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
  try {
    const before = resident();
    const clients: EnvClient[] = [];
    for (let index = 0; index < sessions; index++) clients.push(await EnvClient.connect(`ws://127.0.0.1:${port}`));
    const taken = (resident() - before) / sessions;
    for (const client of clients) await client.close();
    return taken;
  } finally {
    server.kill('SIGKILL');
  }
}

/** Many episodes at once on this machine: all answer, and what each costs. */
export async function concurrentEpisodes(): Promise<Section> {
  const sessionKiB = await idleSessionKiB();
  const gym = await benchGym('local', 0);
  try {
    const before = { rss: process.memoryUsage().rss, sandboxes: sandboxMemoryMiB() };
    const started = performance.now();
    const episodes: Awaited<ReturnType<typeof gym.client.reset>>[] = [];
    let next = 0;
    const starter = async () => {
      while (next < EPISODES) {
        next += 1;
        episodes.push(await gym.client.reset(TASK));
      }
    };
    await Promise.all(Array.from({ length: RESETS_AT_ONCE }, starter));
    const startS = (performance.now() - started) / 1000;
    const idle = sandboxMemoryMiB() - before.sandboxes;
    const server = (process.memoryUsage().rss - before.rss) / 2 ** 20;

    const samples: number[] = [];
    const rounds = 4;
    const stepped = performance.now();
    await Promise.all(
      episodes.map(async (episode, index) => {
        for (let round = 0; round < rounds; round++) {
          const at = performance.now();
          const result = await episode.step(`echo ${index}-${round}`);
          samples.push(performance.now() - at);
          if (result.observation.text !== `${index}-${round}`)
            throw new Error(`wrong answer: ${result.observation.text}`);
        }
      }),
    );
    const stepsPerSecond = (EPISODES * rounds) / ((performance.now() - stepped) / 1000);
    const ended = performance.now();
    await Promise.all(episodes.map((episode) => episode.close()));
    const closeS = (performance.now() - ended) / 1000;
    const latency = latencyOf(samples);
    const row = (name: string, value: string) => [name, value];
    return {
      title: `${EPISODES} local episodes at once`,
      method: `${EPISODES} episodes of one server on bubblewrap, ${RESETS_AT_ONCE} resets at a time; then every one steps at the same time. Memory of sandboxes is the sum of proportional set sizes.`,
      header: ['', ''],
      rows: [
        row('memory per idle session, server', `${sessionKiB.toFixed(0)} KiB`),
        row('resets per second', (EPISODES / startS).toFixed(1)),
        row('memory per idle episode, sandbox', `${(idle / EPISODES).toFixed(1)} MiB`),
        row('memory per episode, server and client', `${((server * 1024) / EPISODES).toFixed(0)} KiB`),
        row('steps per second, all at once', stepsPerSecond.toFixed(0)),
        row('step p50 / p99, all at once', `${ms(latency.p50)} / ${ms(latency.p99)} ms`),
        row('closing all', `${closeS.toFixed(1)} s`),
      ],
      verdicts: [
        {
          target: `${EPISODES} concurrent local episodes answer correctly`,
          measured: `${episodes.length}`,
          met: episodes.length === EPISODES,
        },
      ],
    };
  } finally {
    await gym.close();
  }
}
