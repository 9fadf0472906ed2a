import { pino } from 'pino';

/** The process's log: one JSON line per event on stderr, tokens redacted. */
export const log = pino(
  { level: process.env.GYMSMITH_LOG_LEVEL ?? 'info', redact: ['token', '*.token', 'headers.authorization'] },
  pino.destination(2),
);
