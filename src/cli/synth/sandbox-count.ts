import { availableParallelism, totalmem } from 'node:os';
import type { SynthSettings } from '../../synth/settings.js';

/** Of the memory, what is left to everything else. */
const SHARE_FOR_SANDBOXES = 0.8;

/** How many sandboxes a machine holds at once, and what sets the limit. */
export interface SandboxCount {
  count: number;
  why: string;
}

/** @param gpus of this machine that may be leased */
export function sandboxCount(
  { concurrency, environment }: Pick<SynthSettings, 'concurrency' | 'environment'>,
  gpus: number,
  machine = { cpus: availableParallelism(), memoryBytes: totalmem() },
): SandboxCount {
  if (concurrency.sandboxes !== null) return { count: concurrency.sandboxes, why: 'as asked' };
  const limits: SandboxCount[] = [
    { count: machine.cpus / environment.cpus, why: `${machine.cpus} CPUs, ${environment.cpus} each` },
    {
      count: (machine.memoryBytes * SHARE_FOR_SANDBOXES) / environment.memory_bytes,
      why: `${gib(machine.memoryBytes)} of memory, ${gib(environment.memory_bytes)} each`,
    },
    ...(environment.gpus > 0
      ? [{ count: gpus / environment.gpus, why: `${gpus} GPUs, ${environment.gpus} each` }]
      : []),
  ];
  const least = limits.reduce((a, b) => (b.count < a.count ? b : a));
  return { count: Math.max(1, Math.floor(least.count)), why: least.why };
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(0)} GiB`;
}
