export type {
  Action,
  Capacity,
  EpisodeOptions,
  EpisodeState,
  Info,
  Observation,
  ResetResult,
  StepResult,
  TaskDetail,
  TaskReload,
  TaskSummary,
  TypedAction,
} from '../protocol/index.js';
export { type ErrorCode, RpcError } from '../protocol/index.js';
export type { ReconnectOptions } from './backoff.js';
export type { ConnectionOptions, ConnectionState } from './connection.js';
export type { Dial, Dialled } from './dial.js';
export { EnvClient, type EnvClientOptions, type ResetOptions } from './env-client.js';
export { EnvPool, type EnvPoolOptions, type EpisodeSpec, type PoolOutcome, type PoolStepOptions } from './env-pool.js';
export { Episode, type StepOptions } from './episode.js';
export { ClientError, type ClientErrorCode } from './errors.js';
export type { OutputHandler } from './pending-request.js';
export { reloadTasks } from './reload-tasks.js';
