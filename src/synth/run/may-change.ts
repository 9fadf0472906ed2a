import type { SettingsChange } from '../../run/settings-changes.js';

/** Settings that decide how fast a run goes, when it ends and whom it calls, not what comes of it. */
const FREE = [
  /^budget\./,
  /^concurrency\./,
  /^publish\.reload$/,
  /^(?:teachers\.\d+|reviewer)\.(?:base_url|key_variable)$/,
];

/** @returns whether a run may go on under the changed setting; topics may become more, not fewer */
export function mayChange({ path, was, is }: SettingsChange): boolean {
  if (path === 'topics') return typeof was === 'number' && typeof is === 'number' && is > was;
  return FREE.some((pattern) => pattern.test(path));
}
