import type { SynthSettings } from '../settings.js';

/** A setting that is not what it was. */
export interface SettingsChange {
  /** `hub.max_rows`. */
  path: string;
  was: unknown;
  is: unknown;
}

/** Settings that decide how fast a run goes, when it ends and whom it calls, not what comes of it. */
const FREE = [
  /^budget\./,
  /^concurrency\./,
  /^publish\.reload$/,
  /^(?:teachers\.\d+|reviewer)\.(?:base_url|key_variable)$/,
];

/** @returns what differs, in the order of names */
export function settingsChanges(was: SynthSettings, is: SynthSettings): SettingsChange[] {
  return changes('', was, is).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** @returns whether a run may go on under the changed setting; topics may become more, not fewer */
export function mayChange({ path, was, is }: SettingsChange): boolean {
  if (path === 'topics') return typeof was === 'number' && typeof is === 'number' && is > was;
  return FREE.some((pattern) => pattern.test(path));
}

function changes(path: string, was: unknown, is: unknown): SettingsChange[] {
  if (!isRecord(was) || !isRecord(is)) {
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ path, was, is }];
  }
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names].flatMap((name) => changes(path === '' ? name : `${path}.${name}`, was[name], is[name]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
