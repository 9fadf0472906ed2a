import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { benchGym } from './gym-server.js';
import { type Latency, measureLatency, ms } from './measure.js';
import type { Section } from './section.js';

const run = promisify(execFile);
const TASK = 'reference/throw-league-v1';

interface Resets {
  warm: Latency;
  cold: Latency;
}

/** Time of `reset` over the socket; with warm sandboxes each one waits until the pool is full again. */
async function resets(backend: 'docker' | 'local'): Promise<Resets> {
  const warmGym = await benchGym(backend, 3);
  let warm: Latency;
  try {
    const reset = async () => {
      const started = performance.now();
      const episode = await warmGym.client.reset(TASK);
      const elapsed = performance.now() - started;
      await episode.close();
      return elapsed;
    };
    const samples: number[] = [];
    for (let index = 0; index < 25; index++) {
      const elapsed = await reset();
      if (index >= 5) samples.push(elapsed);
      // Unhurried: the pool fills up between episodes, as it does while agents work.
      await new Promise((resolve) => setTimeout(resolve, backend === 'docker' ? 2000 : 500));
    }
    samples.sort((a, b) => a - b);
    warm = { count: samples.length, p50: samples[10] ?? 0, p99: samples.at(-1) ?? 0, mean: 0 };
  } finally {
    await warmGym.close();
  }
  const coldGym = await benchGym(backend, 0);
  try {
    const cold = await measureLatency(10, async () => (await coldGym.client.reset(TASK)).close(), 1);
    return { warm, cold };
  } finally {
    await coldGym.close();
  }
}

/** Reset from the warm pool and cold, beside a bare `docker run`. */
export async function resetTime(): Promise<Section> {
  const bare = await measureLatency(
    10,
    () => run('docker', ['run', '--rm', '--network', 'none', 'gymsmith/cpu', 'true']),
    1,
  );
  const docker = await resets('docker');
  const local = await resets('local');
  const row = (name: string, value: Latency) => [name, ms(value.p50), ms(value.p99)];
  const over = docker.cold.p50 - bare.p50;
  return {
    title: 'Reset',
    method:
      'From the request of the client to the task text, files in the workspace, shell ready. Cold episodes are closed as well.',
    header: ['', 'p50 ms', 'p99 ms'],
    rows: [
      row('Gymsmith, Docker, warm', docker.warm),
      row('Gymsmith, Docker, cold', docker.cold),
      row('Gymsmith, bubblewrap, warm', local.warm),
      row('Gymsmith, bubblewrap, cold', local.cold),
      row('`docker run --rm ... true`', bare),
    ],
    verdicts: [
      {
        target: 'warm reset p50 at most 30 ms on Docker',
        measured: `${ms(docker.warm.p50)} ms`,
        met: docker.warm.p50 <= 30,
      },
      {
        target: 'warm reset p50 at most 30 ms on bubblewrap',
        measured: `${ms(local.warm.p50)} ms`,
        met: local.warm.p50 <= 30,
      },
      { target: 'cold reset at most 600 ms over `docker run`', measured: `${ms(over)} ms`, met: over <= 600 },
    ],
  };
}
