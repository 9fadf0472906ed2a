import type { GpuLeases } from '../../sandbox/gpu-leases.js';
import type { SandboxPool } from '../../sandbox/sandbox-pool.js';
import { ServerMetrics } from '../../server/metrics.js';

/** Metrics of a server, with those of the sandboxes and GPUs behind it. */
export function gymMetrics(pool: SandboxPool, gpus: GpuLeases): ServerMetrics {
  const metrics = new ServerMetrics();
  metrics.addGauge(
    'gymsmith_pool_sandboxes',
    'Sandboxes of the pool that are ready or being made, and requests that wait for one',
    () => {
      const { warm, creating, waiting } = pool.stats();
      return { warm, creating, waiting };
    },
    'state',
  );
  metrics.addGauge(
    'gymsmith_pool_requests',
    'Requests for a sandbox since the start: served by a ready one, by a new one, or failed',
    () => {
      const { hits, misses, failures } = pool.stats();
      return { hit: hits, miss: misses, failure: failures };
    },
    'outcome',
  );
  metrics.addGauge(
    'gymsmith_gpus',
    'GPUs leased and free, and requests that wait for some',
    () => {
      const { total, leased, waiting } = gpus.stats();
      return { leased, free: total - leased, waiting };
    },
    'state',
  );
  metrics.addGauge('gymsmith_gpu_longest_wait_seconds', 'How long the first request for GPUs has waited', () => {
    return gpus.stats().longestWaitMs / 1000;
  });
  return metrics;
}
