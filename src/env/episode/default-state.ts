import { pythonDump } from '../../python/python-dump.js';

/** What MLGym's state command prints: where the agent stands, as one line of JSON. */
export function defaultState({ cwd, open_file }: { cwd: string; open_file: string | null }): string {
  return pythonDump({ open_file: open_file ?? 'n/a', working_dir: cwd });
}
