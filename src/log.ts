import { pino } from 'pino';
import { readConfig } from './config.js';

/** The process's log: one JSON line per event on stderr, tokens and keys redacted. */
export const log = pino(
  {
    level: readConfig().logLevel,
    redact: ['token', '*.token', 'headers.authorization', 'apiKey', '*.apiKey', 'modelApiKey', '*.modelApiKey'],
  },
  pino.destination(2),
);
