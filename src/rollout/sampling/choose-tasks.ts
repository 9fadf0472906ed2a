import type { TaskSummary } from '../../protocol/index.js';
import { closest } from '../../yaml/closest.js';

/** Tasks that patterns choose, and patterns that choose none. */
export interface ChosenTasks<T extends Pick<TaskSummary, 'task'>> {
  /** In the order of their ids. */
  tasks: T[];
  /** Each with the ids that come nearest. */
  unmatched: { pattern: string; nearest: string[] }[];
}

/**
 * @param patterns env ids with `*` for any text; one without a version is that of the highest
 * @param exclude patterns of what is left out; without a version every version is
 */
export function chooseTasks<T extends Pick<TaskSummary, 'task'>>(
  known: readonly T[],
  patterns: readonly string[],
  exclude: readonly string[],
): ChosenTasks<T> {
  const newest = new Map<string, T>();
  for (const task of known) {
    const { name, version } = partsOf(task.task);
    const before = newest.get(name);
    if (before === undefined || partsOf(before.task).version < version) newest.set(name, task);
  }
  const chosen = new Map<string, T>();
  const unmatched: ChosenTasks<T>['unmatched'] = [];
  for (const pattern of patterns) {
    const matches = known.filter(({ task }) => matching(pattern).test(task));
    const found =
      matches.length > 0
        ? matches
        : [...newest].flatMap(([name, task]) => (matching(pattern).test(name) ? [task] : []));
    // A pattern for many tasks means what is served of each now.
    const meant = pattern.endsWith('*')
      ? found.filter(({ task }) => newest.get(partsOf(task).name)?.task === task)
      : found;
    if (meant.length === 0) unmatched.push({ pattern, nearest: nearestTo(pattern, newest) });
    for (const task of meant) chosen.set(task.task, task);
  }
  const isLeftOut = ({ task }: T) =>
    exclude.some((pattern) => matching(pattern).test(task) || matching(pattern).test(partsOf(task).name));
  const tasks = [...chosen.values()].filter((task) => !isLeftOut(task)).sort((a, b) => (a.task < b.task ? -1 : 1));
  return { tasks, unmatched };
}

function partsOf(id: string): { name: string; version: number } {
  const [, name = id, version = '0'] = /^(.*)-v(\d+)$/.exec(id) ?? [];
  return { name, version: Number(version) };
}

function matching(pattern: string): RegExp {
  const text = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${text.join('.*')}$`);
}

/** The namespace is often left out. */
function nearestTo<T extends Pick<TaskSummary, 'task'>>(pattern: string, newest: ReadonlyMap<string, T>): string[] {
  const short = new Map([...newest.keys()].map((name) => [name.replace(/^.*\//, ''), name]));
  const wanted = pattern.replace(/-v\d+$/, '').replaceAll('*', '');
  const near = [
    ...closest(wanted, newest.keys()),
    ...closest(wanted.replace(/^.*\//, ''), short.keys()).map((name) => short.get(name)!),
  ];
  return [...new Set(near)];
}
