import { randomBytes } from 'node:crypto';
import type { SandboxBackend } from '../../src/sandbox/sandbox.js';
import { describeFiles } from './conformance-files.js';
import { describeLife } from './conformance-life.js';
import { describeLimits } from './conformance-limits.js';
import { describeShell } from './conformance-shell.js';

/** What the suite must know about the backend under test. */
export interface ConformanceSubject {
  /** A backend object of its own, as another server process would have. */
  createBackend(): SandboxBackend;
  /** Kills the daemon from outside, as no program inside can. */
  killDaemon(id: string): Promise<void>;
  /** Everything that is left of a sandbox on this machine. */
  leftovers(id: string): Promise<string[]>;
  /** Whether the daemon runs as another user than the agent. */
  separatesUsers: boolean;
  /** What limits can be shown; without control groups there is none for processors. */
  limitsProcessors: boolean;
}

/** Parts of the suite, each with a sandbox or two of its own. */
export type ConformancePart = 'shell' | 'files' | 'limits' | 'life';

const PARTS = { shell: describeShell, files: describeFiles, limits: describeLimits, life: describeLife };

/** Facts that hold for every backend. */
export function describeConformance(
  name: string,
  subject: ConformanceSubject,
  parts: readonly ConformancePart[] = ['shell', 'files', 'limits', 'life'],
): void {
  const label = `test-${name.replaceAll(' ', '-')}-${randomBytes(4).toString('hex')}`;
  for (const part of parts) PARTS[part](name, label, subject);
}
