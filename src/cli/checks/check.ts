import type { Config } from '../../config.js';

/** One line of `gymsmith doctor`. */
export interface CheckResult {
  /** What was looked at. */
  name: string;
  status: 'ok' | 'warn' | 'missing';
  /** What was found. */
  detail: string;
  /** What it is good for. */
  purpose: string;
  /** How to get it, or what to change; null when there is nothing to do. */
  remedy: string | null;
}

/** Looks at one part of the machine. Never throws and waits at most a few seconds. */
export type Check = (config: Config) => Promise<CheckResult[]>;
