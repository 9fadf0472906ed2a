import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ms } from './measure.js';
import type { Section } from './section.js';
import { freePort, serveChild, serveEcho } from './serve-child.js';

const SESSIONS = [1, 64, 512];
const SECONDS = 4;
const ROUNDS = 3;

interface Load {
  stepsPerSecond: number;
  p50: number;
  p99: number;
}

async function load(url: string, sessions: number): Promise<Load> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'bench/openenv-load.ts', url, `${sessions}`, `${SECONDS}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  return JSON.parse(out) as Load;
}

/** The run in the middle of several. */
function median(loads: readonly Load[]): Load {
  const sorted = [...loads].sort((a, b) => a.stepsPerSecond - b.stepsPerSecond);
  return sorted[Math.floor(sorted.length / 2)] as Load;
}

/** Steps per second of a trivial env, beside OpenEnv's own Python server, with one load generator for both. */
export async function serverThroughput(openenvPython: string, openenvPath: string): Promise<Section> {
  const [ourPort, theirPort] = [await freePort(), await freePort()];
  const ours = await serveEcho(ourPort);
  const theirs = await serveChild(openenvPython, ['bench/peers/openenv_server.py', `${theirPort}`], theirPort, {
    PYTHONPATH: openenvPath,
  });
  const rows: string[][] = [];
  const verdicts = [];
  try {
    for (const sessions of SESSIONS) {
      const [our, their]: [Load[], Load[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        our.push(await load(`ws://127.0.0.1:${ourPort}/env/bench/echo/ws`, sessions));
        their.push(await load(`ws://127.0.0.1:${theirPort}/ws`, sessions));
      }
      const [gymsmith, openenv] = [median(our), median(their)];
      const ratio = gymsmith.stepsPerSecond / openenv.stepsPerSecond;
      rows.push([
        `${sessions}`,
        gymsmith.stepsPerSecond.toFixed(0),
        `${ms(gymsmith.p50)} / ${ms(gymsmith.p99)}`,
        openenv.stepsPerSecond.toFixed(0),
        `${ms(openenv.p50)} / ${ms(openenv.p99)}`,
        ratio.toFixed(2),
      ]);
      verdicts.push({
        target: `at least twice the steps/s of OpenEnv's server at ${sessions} sessions`,
        measured: `${ratio.toFixed(2)} times`,
        met: ratio >= 2,
      });
    }
  } finally {
    for (const child of [ours, theirs]) {
      child.kill('SIGKILL');
    }
  }
  return {
    title: 'Server throughput on a trivial env',
    method: `Closed loop over the OpenEnv wire, the median of ${ROUNDS} runs of ${SECONDS} s that alternate, client and server on the same machine; the load generator is one process and the same for both servers.`,
    header: ['sessions', 'Gymsmith steps/s', 'p50 / p99 ms', 'OpenEnv steps/s', 'p50 / p99 ms', 'ratio'],
    rows,
    verdicts,
  };
}
