import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../src/config.js';
import { benchGym } from './gym-server.js';
import { type Latency, measureLatency, ms } from './measure.js';
import { RawPipe } from './raw-pipe.js';
import type { Section } from './section.js';

const run = promisify(execFile);
const IMAGE = 'gymsmith/cpu';
const TASK = 'reference/breast-cancer-v1';
const COUNT = 300;

const PROGRAM = Array.from({ length: 120 }, (_, n) => `value_${n} = ${n} * 2\n`).join('');

type Measured = Record<string, Latency>;

/** The commands of an agent, step by step through the whole system. */
async function ours(backend: 'docker' | 'local'): Promise<{ latency: Measured; tenMegabytesMs: number }> {
  const gym = await benchGym(backend, 1);
  try {
    const episode = await gym.client.reset(TASK, { options: { max_steps: 10_000 } });
    await episode.step({ type: 'create', path: 'bench.py', text: PROGRAM });
    const latency: Measured = {
      true: await measureLatency(COUNT, () => episode.step('true')),
      ls: await measureLatency(COUNT, () => episode.step('ls')),
      open: await measureLatency(COUNT, () => episode.step('open bench.py')),
      'edit with lint': await measureLatency(COUNT, (n) =>
        episode.step(`edit 3:3\nvalue_2 = ${Math.abs(n)}\nend_of_edit`),
      ),
    };
    const big = await measureLatency(5, () => episode.step('head -c 10000000 /dev/zero | tr "\\0" x | fold -w 100'), 1);
    await episode.close();
    return { latency, tenMegabytesMs: big.p50 };
  } finally {
    await gym.close();
  }
}

async function rawPipe(pipe: RawPipe): Promise<Measured> {
  try {
    return {
      true: await measureLatency(COUNT, () => pipe.step('true')),
      ls: await measureLatency(COUNT, () => pipe.step('ls')),
    };
  } finally {
    await pipe.close();
  }
}

async function dockerExec(): Promise<Measured> {
  const { stdout } = await run('docker', ['run', '-d', '--rm', '--network', 'none', IMAGE, 'sleep', '600']);
  const id = stdout.trim();
  try {
    const exec = (command: string) => run('docker', ['exec', id, 'bash', '-c', command]);
    return { true: await measureLatency(20, () => exec('true'), 2), ls: await measureLatency(20, () => exec('ls'), 2) };
  } finally {
    await run('docker', ['rm', '-f', id]);
  }
}

async function swerex(python: string): Promise<Measured> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-bench-'));
  try {
    await writeFile(path.join(directory, 'train.py'), PROGRAM);
    const { stdout } = await run(python, ['bench/peers/swerex_latency.py', '40', directory], { timeout: 300_000 });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Latency of single steps, beside the limits and what one would use instead. */
export async function stepLatency(swerexPython: string): Promise<Section> {
  const all: [string, Measured][] = [];
  const limits = {
    docker: await rawPipe(await RawPipe.docker(IMAGE)),
    local: await rawPipe(await RawPipe.local(readConfig().rootfs)),
  };
  const docker = await ours('docker');
  const local = await ours('local');
  const rex = await swerex(swerexPython);
  all.push(['Gymsmith, WebSocket to Docker', docker.latency], ['Gymsmith, WebSocket to bubblewrap', local.latency]);
  all.push(['bash on a pipe, `docker run -i`', limits.docker], ['bash on a pipe, bubblewrap', limits.local]);
  all.push(['`docker exec` per command', await dockerExec()], ['SWE-ReX local runtime', rex]);

  const columns = ['true', 'ls', 'open', 'edit with lint'];
  const cell = (value: Latency | undefined) => (value ? `${ms(value.p50)} / ${ms(value.p99)}` : '-');
  const p50 = (measured: Measured, column: string) => measured[column]?.p50 ?? Number.NaN;
  const over = (name: 'docker' | 'local', measured: Measured) => p50(measured, 'true') - p50(limits[name], 'true');
  const slower = p50(rex, 'true') / Math.max(p50(docker.latency, 'true'), p50(local.latency, 'true'));
  const edits = Math.max(p50(docker.latency, 'edit with lint'), p50(local.latency, 'edit with lint'));
  const big = Math.max(docker.tenMegabytesMs, local.tenMegabytesMs);
  return {
    title: 'Step latency',
    method: `p50 / p99 in ms of ${COUNT} steps one after the other (docker exec 20, SWE-ReX 40); the file has 120 lines. 10 MB of output in one step: Docker ${ms(docker.tenMegabytesMs)} ms, bubblewrap ${ms(local.tenMegabytesMs)} ms.`,
    header: ['', ...columns.map((column) => `\`${column}\``)],
    rows: all.map(([name, measured]) => [name, ...columns.map((column) => cell(measured[column]))]),
    verdicts: [
      ['`true` at most 2 ms over the raw pipe on Docker', over('docker', docker.latency), 2],
      ['`true` at most 1 ms over the raw pipe on bubblewrap', over('local', local.latency), 1],
      ['`edit` with lint at most 20 ms', edits, 20],
      ['10 MB of output in at most 150 ms', big, 150],
    ]
      .map(([target, value, limit]) => ({
        target: target as string,
        measured: `${ms(value as number)} ms`,
        met: (value as number) <= (limit as number),
      }))
      .concat({
        target: 'SWE-ReX at least 40 times slower',
        measured: `${slower.toFixed(0)} times`,
        met: slower >= 40,
      }),
  };
}
