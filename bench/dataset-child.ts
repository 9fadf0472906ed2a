import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DatasetManifest } from '../src/rollout/dataset/manifest.js';

const COMMAND = fileURLToPath(new URL('../bin/gymsmith.js', import.meta.url));
const LOOK_MS = 100;

/** A build in a process of its own. */
export interface MeasuredBuild {
  manifest: DatasetManifest;
  /** Seconds, the start of the process included. */
  labels: number;
  shards: number;
  whole: number;
  /** The most memory that the process with all its threads held at any time. */
  peakBytes: number;
}

/** Runs `gymsmith dataset build` and watches its memory and its parts. @throws Error with what it said when it fails */
export async function measureBuild(args: readonly string[], stateDir: string): Promise<MeasuredBuild> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [COMMAND, 'dataset', 'build', ...args, '--json'], {
    env: { ...process.env, GYMSMITH_STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, said, shardsMs, peakBytes] = ['', '', 0, 0];
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (shardsMs === 0 && said.includes('writing rows (')) shardsMs = performance.now();
  });
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, highWater(child.pid!));
  }, LOOK_MS);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`the build ended with ${code}:\n${said}`);
  const endMs = performance.now();
  return {
    manifest: DatasetManifest.parse(JSON.parse(output)),
    labels: (shardsMs - startedMs) / 1000,
    shards: (endMs - shardsMs) / 1000,
    whole: (endMs - startedMs) / 1000,
    peakBytes,
  };
}

function highWater(pid: number): number {
  try {
    const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
