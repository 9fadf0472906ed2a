import type { Action, EpisodeState, ResetParams, ResetResult, StepResult } from '../protocol/index.js';

export interface StepOptions {
  /** Ends the running command when it fires; the step then resolves with what there is. */
  signal?: AbortSignal;
  /** After this time a command that still runs is answered with `observation.running`. */
  deadlineMs?: number;
  /** Output as it comes; `offset` counts bytes from the start of the command. */
  onOutput?: (chunk: Uint8Array, offset: number) => void;
}

/**
 * One episode that a client acts on: Gymnasium's reset, step, close. An `Env` serves one episode; a second `reset` is a new `Env`.
 * Methods reject with `RpcError` only for faults that are not the agent's.
 */
export interface Env {
  readonly episodeId: string;
  /** Called once, first. Its options and seed come from the reset request. */
  reset(signal?: AbortSignal): Promise<ResetResult>;
  /** One action at a time; `episode_busy` otherwise. */
  step(action: Action, options?: StepOptions): Promise<StepResult>;
  /** Ends the running command, if any. @returns whether there was one */
  interrupt(): Promise<boolean>;
  state(): EpisodeState;
  /** Idempotent, never rejects; gives back everything that the episode holds. */
  close(): Promise<void>;
}

/** Makes the env of one task for one reset. */
export type EnvFactory = (episodeId: string, params: ResetParams) => Env;
