import type { Migrations } from './sqlite-file.js';

const FIRST = `
CREATE TABLE attempts (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  task TEXT NOT NULL,
  model TEXT NOT NULL,
  number INTEGER NOT NULL,
  task_hash TEXT NOT NULL,
  seed INTEGER NOT NULL,
  gpus INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'running', 'done', 'failed')),
  tries INTEGER NOT NULL DEFAULT 0,
  faults INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX attempts_by_state ON attempts (state, place);
CREATE INDEX attempts_by_task ON attempts (task, model, state);

CREATE TABLE outcomes (
  place INTEGER PRIMARY KEY REFERENCES attempts,
  task TEXT NOT NULL,
  model TEXT NOT NULL,
  stop TEXT NOT NULL,
  exit_status TEXT NOT NULL,
  steps INTEGER NOT NULL,
  submissions INTEGER NOT NULL,
  valid INTEGER NOT NULL,
  direction TEXT,
  best REAL,
  last REAL,
  baseline REAL,
  improves INTEGER NOT NULL,
  format_errors INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  unpriced_calls INTEGER NOT NULL,
  usd REAL NOT NULL,
  seconds REAL NOT NULL,
  model_seconds REAL NOT NULL,
  gpu_hours REAL NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL
) STRICT;
CREATE INDEX outcomes_by_task ON outcomes (task, model, exit_status, stop);

CREATE TABLE tries (
  place INTEGER NOT NULL REFERENCES attempts,
  number INTEGER NOT NULL,
  server TEXT,
  episode_id TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  end TEXT CHECK (end IN ('result', 'infrastructure', 'endpoint', 'lost', 'stopped')),
  code TEXT,
  message TEXT,
  usd REAL NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  calls INTEGER NOT NULL DEFAULT 0,
  unpriced_calls INTEGER NOT NULL DEFAULT 0,
  sandbox_seconds REAL NOT NULL DEFAULT 0,
  gpu_hours REAL NOT NULL DEFAULT 0,
  PRIMARY KEY (place, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX tries_running ON tries (place) WHERE end IS NULL;
CREATE INDEX tries_faulty ON tries (end, code, place) WHERE end <> 'result';

CREATE TABLE sessions (
  server TEXT NOT NULL,
  token TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  PRIMARY KEY (server, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE processes (
  number INTEGER PRIMARY KEY,
  started_at TEXT NOT NULL,
  wall_seconds REAL NOT NULL DEFAULT 0
) STRICT;
`;

/** Only ever added to: files of every earlier version are about. */
export const LEDGER_MIGRATIONS: Migrations = [FIRST];
