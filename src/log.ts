import { pino } from 'pino';
import { readConfig } from './config.js';

/** The process's log: one JSON line per event on stderr, tokens redacted. */
export const log = pino(
  { level: readConfig().logLevel, redact: ['token', '*.token', 'headers.authorization'] },
  pino.destination(2),
);
