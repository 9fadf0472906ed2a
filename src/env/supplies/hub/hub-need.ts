import { createHash } from 'node:crypto';
import type { Task } from '../../task.js';

/** A repository of the Hub that programs of a task load. */
export interface HubNeed {
  type: 'dataset' | 'model';
  /** As the task names it. */
  repo: string;
  /** Other names that programs load it by. */
  aliases: readonly string[];
  /** Branch, tag or commit. */
  revision: string;
  /** Configurations of a data set; none: the default one. */
  configurations: readonly string[];
  /** Patterns of the files that are taken; none: every file. */
  files: readonly string[];
}

/** What a task loads from the Hub: its datasets that are not local, and what its sidecar names. */
export function hubNeeds({ datasets, sidecar }: Pick<Task, 'datasets' | 'sidecar'>): HubNeed[] {
  const named = sidecar.hub.map(({ revision, ...rest }) => ({ ...rest, revision: revision ?? 'main' }));
  const known = new Set(named.filter(({ type }) => type === 'dataset').map(({ repo }) => repo));
  const plain = datasets
    .filter(({ isLocal, dataPath }) => !isLocal && !known.has(dataPath))
    .map(({ dataPath }) => dataPath);
  const none = { aliases: [], configurations: [], files: [] };
  return [
    ...[...new Set(plain)].map((repo) => ({ type: 'dataset' as const, repo, revision: 'main', ...none })),
    ...named,
  ];
}

/** Name of a repository as a directory, as the caches of the Hub's own programs write it. */
export function hubDirectory(type: HubNeed['type'], repo: string): string {
  return [`${type}s`, ...repo.split('/')].join('--');
}

/** Name of a data set as a directory of the cache of the `datasets` library. */
export function datasetDirectory(repo: string): string {
  const parts = repo.split('/');
  const name = parts.pop() ?? '';
  const snake = name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return [...parts, snake].join('___');
}

/** Tells choices apart by a few characters; empty for none. */
export function choiceKey(choice: readonly string[]): string {
  if (choice.length === 0) return '';
  return `-${createHash('sha256')
    .update(JSON.stringify([...choice].sort()))
    .digest('hex')
    .slice(0, 8)}`;
}
