import type { SettingsChange } from '../../run/settings-changes.js';

/** Settings that decide how fast a run goes, when it ends and whom it calls, not what comes of it. */
const FREE = [
  /^budget\./,
  /^concurrency\./,
  /^(?:servers|packs)\b/,
  /^tries$/,
  /^players\.\d+\.(?:base_url|key_variable)$/,
];

/** @returns whether a run of sampling may go on under the changed setting: what it has stays a part of it */
export function mayChange({ path, was, is }: SettingsChange): boolean {
  if (path === 'attempts') return typeof was === 'number' && typeof is === 'number' && is > was;
  // One more is named, or one fewer left out.
  if (/^tasks\.\d+$/.test(path)) return was === undefined;
  if (/^exclude\.\d+$/.test(path)) return is === undefined;
  return FREE.some((pattern) => pattern.test(path));
}
