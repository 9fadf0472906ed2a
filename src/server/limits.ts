/** Bounds of the server. Every buffer, queue and wait of `src/server` is limited by one of them. */
export interface ServerLimits {
  /** Largest frame or HTTP body that is taken. */
  maxFrameBytes: number;
  /** Sessions, with a connection or without. */
  maxSessions: number;
  /** Live episodes of all sessions. */
  maxEpisodes: number;
  /** Open WebSockets, greeted or not. */
  maxConnections: number;
  /** How long a native connection may stay without its hello. */
  helloTimeoutMs: number;
  /** Time between two pings. */
  heartbeatMs: number;
  /** How long a connection may be silent, pongs included, before it counts as dead. */
  silenceMs: number;
  /** How long a native session, or a resumable OpenEnv session, lives without a connection. */
  sessionGraceMs: number;
  /** How long a session of HTTP `/mcp` lives without a request. */
  mcpIdleMs: number;
  /** Requests of one session that run at once. */
  maxInFlight: number;
  /** Replies kept for redelivery until they are acknowledged, by number and by size. */
  maxKeptReplies: number;
  maxKeptReplyBytes: number;
  /** Ids of evicted replies that are remembered, so that a late repeat is refused and not run twice. */
  maxForgottenReplies: number;
  /** Ended episodes of a session whose last state can still be asked for. */
  maxEndedEpisodes: number;
  /** Streamed bytes that may be under way before the client gives credit. */
  streamWindowBytes: number;
  /** Streamed bytes of one request that wait for credit; older ones are dropped from the stream. */
  streamPendingBytes: number;
  /** Largest `output` frame. */
  streamFrameBytes: number;
  /** Unsent bytes of a connection from which it counts as slow. */
  slowConsumerBytes: number;
  /** How long a connection may stay slow. */
  slowConsumerMs: number;
  /** Malformed frames of one connection before it is closed. */
  maxFaults: number;
  /** OpenEnv: a reply comes within this time, if only a partial one. */
  softDeadlineMs: number;
  /** How much later than the env the server itself answers for a step that misses the soft deadline. */
  softDeadlineSlackMs: number;
  /** OpenEnv and MCP: frames, and their bytes, that wait for the answer to an earlier one. */
  maxQueuedFrames: number;
  maxQueuedBytes: number;
  /** How long a drain waits for running requests. */
  drainMs: number;
}

const MiB = 2 ** 20;

/** Values that suit one machine with some hundred episodes. */
export const DEFAULT_LIMITS: ServerLimits = {
  maxFrameBytes: 16 * MiB,
  maxSessions: 1024,
  maxEpisodes: 512,
  maxConnections: 4096,
  helloTimeoutMs: 10_000,
  heartbeatMs: 20_000,
  silenceMs: 120_000,
  sessionGraceMs: 120_000,
  mcpIdleMs: 1_800_000,
  maxInFlight: 1024,
  maxKeptReplies: 1024,
  maxKeptReplyBytes: 16 * MiB,
  maxForgottenReplies: 4096,
  maxEndedEpisodes: 256,
  streamWindowBytes: MiB,
  streamPendingBytes: 64 * 1024,
  streamFrameBytes: 64 * 1024,
  slowConsumerBytes: 32 * MiB,
  slowConsumerMs: 15_000,
  maxFaults: 100,
  softDeadlineMs: 45_000,
  softDeadlineSlackMs: 5_000,
  maxQueuedFrames: 256,
  maxQueuedBytes: 64 * MiB,
  drainMs: 30_000,
};
