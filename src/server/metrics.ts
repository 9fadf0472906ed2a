import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EpisodeState, Method, RpcError } from '../protocol/index.js';

/** Reads a gauge: one number, or one per value of its label. */
export type GaugeReader = () => number | Readonly<Record<string, number>>;

const BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5, 30, 120, 600, 3600];

/** What `/metrics` tells, in one registry per server. */
export class ServerMetrics {
  readonly registry = new Registry();
  private readonly calls: Histogram<'method'>;
  private readonly errors: Counter<'method' | 'code'>;
  private readonly episodes: Counter<'exit_status'>;
  private readonly traffic = { in: { frames: 0, bytes: 0 }, out: { frames: 0, bytes: 0 } };

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.calls = new Histogram({
      name: 'gymsmith_call_seconds',
      help: 'Time of a method from its message to its result; method="step" counts the steps',
      labelNames: ['method'],
      buckets: BUCKETS_S,
      registers,
    });
    this.errors = new Counter({
      name: 'gymsmith_errors_total',
      help: 'Errors that were answered, by code',
      labelNames: ['method', 'code'],
      registers,
    });
    this.episodes = new Counter({
      name: 'gymsmith_episodes_total',
      help: 'Episodes that ended, by exit status',
      labelNames: ['exit_status'],
      registers,
    });
    this.addGauge(
      'gymsmith_frames',
      'WebSocket frames since the start',
      () => ({
        in: this.traffic.in.frames,
        out: this.traffic.out.frames,
      }),
      'direction',
    );
    this.addGauge(
      'gymsmith_frame_bytes',
      'Bytes of WebSocket frames since the start',
      () => ({
        in: this.traffic.in.bytes,
        out: this.traffic.out.bytes,
      }),
      'direction',
    );
  }

  /** Adds a number that is read when the metrics are asked for. */
  addGauge(name: string, help: string, read: GaugeReader, label = 'kind'): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        const value = read();
        if (typeof value === 'number') return this.set(value);
        for (const [key, number] of Object.entries(value)) this.set({ [label]: key }, number);
      },
    });
  }

  readonly onCall = (method: Method, durationMs: number, error: RpcError | null): void => {
    this.calls.observe({ method }, durationMs / 1000);
    if (error) this.errors.inc({ method, code: error.code });
  };

  readonly onEpisodeEnded = ({ exit_status }: EpisodeState): void => {
    this.episodes.inc({ exit_status: exit_status ?? 'closed' });
  };

  readonly onFrame = (direction: 'in' | 'out', sizeBytes: number): void => {
    this.traffic[direction].frames += 1;
    this.traffic[direction].bytes += sizeBytes;
  };
}
