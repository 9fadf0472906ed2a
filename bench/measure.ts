import { cpus, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';

/** Percentiles of one measured thing, in milliseconds. */
export interface Latency {
  count: number;
  p50: number;
  p99: number;
  mean: number;
}

/** @param samples milliseconds, in any order */
export function latencyOf(samples: readonly number[]): Latency {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return {
    count: sorted.length,
    p50: at(0.5),
    p99: at(0.99),
    mean: sorted.reduce((sum, sample) => sum + sample, 0) / sorted.length,
  };
}

/** Runs `once` `warmup` times unmeasured, then `count` times, one after the other. */
export async function measureLatency(
  count: number,
  once: (index: number) => Promise<unknown>,
  warmup = 5,
): Promise<Latency> {
  for (let index = 0; index < warmup; index++) await once(-1 - index);
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await once(index);
    samples.push(performance.now() - started);
  }
  return latencyOf(samples);
}

/** What the numbers were measured on. */
export function machine(): string {
  const processors = cpus();
  return [
    `${processors.length} x ${processors[0]?.model.trim()}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
    `${process.platform} ${process.arch}`,
  ].join(', ');
}

/** @returns milliseconds with three significant digits */
export function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
