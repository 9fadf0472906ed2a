import type { AgentConfig } from '../../agent/config/agent-config.js';
import type { Model } from '../../agent/models/model.js';
import type { RequestGate } from '../../agent/models/request-gate.js';
import type { RetryClock } from '../../agent/models/retry-policy.js';
import type { ConnectionState, EnvClient, EpisodeOptions } from '../../client/index.js';
import type { BudgetReached } from '../../run/budget-reached.js';
import type { Ledger } from '../../store/ledger.js';
import type { SampleListener } from './sample-listener.js';
import type { SamplePlaces } from './sample-places.js';

/** Who plays: a model as an agent. */
export interface Player {
  /** As attempts name it. */
  name: string;
  config: AgentConfig;
  model: Model;
  /** What the model was told beside the chat, for the records; no key. */
  settings: Readonly<Record<string, unknown>>;
  /** Of its endpoint; null: nobody limits it. Players of one endpoint share one. */
  gate: RequestGate | null;
}

/** Where episodes are played. */
export interface GymServer {
  /** Address, for people and for the ledger; null: a gym inside this process, whose sessions nobody can take up. */
  url: string | null;
  /** @throws RpcError, ClientError */
  connect(options: {
    sessionToken?: string;
    signal: AbortSignal;
    onState: (state: ConnectionState, cause?: Error) => void;
  }): Promise<EnvClient>;
}

/** What attempts are played with. */
export interface SamplerOptions {
  /** Names the run in its trajectories. */
  runId: string;
  places: SamplePlaces;
  /** With everything planned. */
  ledger: Ledger;
  players: readonly Player[];
  servers: readonly GymServer[];
  /** Most steps; null: the task's. Most dollars, tokens and seconds of an episode; 0: no limit. */
  limits: { steps: number | null; usd: number; tokens: number; seconds: number };
  /** Of every reset. */
  options: EpisodeOptions;
  /** Most times that an attempt is played when others' faults end it. */
  tries: number;
  budget: { usd: number | null; tokens: number | null; gpu_hours: number | null; hours: number | null };
  /** Most episodes at once; null: what the servers hold. */
  atOnce: number | null;
  listener?: SampleListener;
  /** How long everything may be out of reach, or fail, before the run ends for it. Default 20 min. */
  patienceMs?: number;
  clock?: RetryClock;
}

/** How it ended. `complete`: every attempt is done or was given up. */
export type SamplerEnd =
  | { why: 'complete' }
  | { why: 'stopped' }
  | { why: 'budget'; reached: BudgetReached }
  | { why: 'fault'; error: Error };
