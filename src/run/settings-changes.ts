/** A setting that is not what it was. */
export interface SettingsChange {
  /** `hub.max_rows`. */
  path: string;
  was: unknown;
  is: unknown;
}

/** @returns what differs, in the order of names */
export function settingsChanges(was: object, is: object): SettingsChange[] {
  return changes('', was, is).sort((a, b) => (a.path < b.path ? -1 : 1));
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
