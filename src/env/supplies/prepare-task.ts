import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { underLock } from '../../files/under-lock.js';
import { SandboxError } from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';
import { makeDatasetCache } from './hub/dataset-cache.js';
import type { HubAccess } from './hub/hub-access.js';
import { downloadRepo, fileCount, gib } from './hub/hub-download.js';
import { type HubNeed, hubNeeds } from './hub/hub-need.js';
import type { CacheRecord, HubSnapshot } from './hub/hub-store.js';
import type { PreparationListener } from './preparation-listener.js';
import type { PreparationPlace } from './preparation-sandbox.js';
import { makePython } from './python/make-python.js';
import type { Supplies } from './supplies.js';
import { SupplyFault } from './supply-fault.js';

/** How tasks are prepared. */
export interface PreparationOptions {
  stateDir: string;
  supplies: Supplies;
  place: PreparationPlace;
  hub: HubAccess;
  /** What one repository of the Hub may take. */
  maxBytes: number;
  /** Look up again which commits branches mean, and make environments anew. */
  isRefresh: boolean;
  listener: PreparationListener;
  signal?: AbortSignal;
}

/** Something that a task needs, and is there now. */
export interface PreparedPart {
  what: string;
  /** Whether it was there before. */
  wasThere: boolean;
  detail: string;
}

/**
 * Gets everything that a task needs from outside its pack: its Python environment, and its repositories of the Hub. What is there stays;
 * two processes do not do the same work at once.
 * @returns what the task needs, in order; empty when it needs nothing
 * @throws SupplyFault, or the signal's reason
 */
export async function prepareTask(task: Task, options: PreparationOptions): Promise<PreparedPart[]> {
  const needs = hubNeeds(task);
  if (!task.requirements && needs.length === 0) return [];
  const { supplies, stateDir } = options;
  await mkdir(path.join(stateDir, 'hub'), { recursive: true, mode: 0o700 });
  const key = await supplies.python.key(task).catch((error: unknown) => {
    throw error instanceof SandboxError ? new SupplyFault(error.message, null, { cause: error }) : error;
  });
  const parts: PreparedPart[] = [];
  if (task.requirements) parts.push(await preparePython(task, key, options));
  const python = task.requirements ? path.join(supplies.python.place(key), 'env') : null;
  for (const need of needs) parts.push(await prepareRepo(task, need, { key, python }, options));
  return parts;
}

function locked<T>(
  { stateDir, listener, signal }: PreparationOptions,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const onWait = () => listener.onPart('waiting for another process that prepares the same');
  return underLock({ stateDir, name, onWait, ...(signal && { signal }) }, work);
}

function preparePython(task: Task, key: string, options: PreparationOptions): Promise<PreparedPart> {
  const { supplies, place, listener, signal, isRefresh } = options;
  const { requirements } = task;
  return locked(options, key, async () => {
    const known = isRefresh ? null : await supplies.python.find(key);
    const job = { task, key, store: supplies.python, place, listener, ...(signal && { signal }) };
    const record = known ?? (requirements && (await makePython({ ...job, requirements })));
    const detail = `Python ${record?.python} with ${record?.packages.length} packages`;
    return { what: `requirements of ${task.envId}`, wasThere: known !== null, detail };
  });
}

function prepareRepo(
  task: Task,
  need: HubNeed,
  environment: { key: string; python: string | null },
  options: PreparationOptions,
): Promise<PreparedPart> {
  const { supplies, place, hub: access, maxBytes, listener, signal, isRefresh } = options;
  const name = `hub-${createHash('sha256').update(`${need.type} ${need.repo}`).digest('hex').slice(0, 16)}`;
  return locked(options, name, async () => {
    const known = isRefresh ? null : await supplies.hub.find(need);
    const common = { need, listener, ...(signal && { signal }) };
    const snapshot = known ?? (await downloadRepo({ ...common, store: supplies.hub, access, maxBytes }));
    const had = need.type === 'model' ? null : await snapshot.cache(environment.key, need.configurations);
    const cache =
      need.type === 'model'
        ? null
        : (had ?? (await makeDatasetCache({ ...common, task, snapshot, environment, place })));
    const wasThere = known !== null && (need.type === 'model' || had !== null);
    return { what: `${need.type} ${need.repo}`, wasThere, detail: detailOf(snapshot, cache) };
  });
}

function detailOf({ record }: HubSnapshot, cache: CacheRecord | null): string {
  const about = `commit ${record.revision.slice(0, 12)}, ${fileCount(record.files)}, ${gib(record.bytes)}`;
  if (!cache) return about;
  if (cache.library === null) return `${about}; the environment has no datasets library`;
  const configurations = Object.entries(cache.configurations).map(([name, { splits }]) => {
    const rows = Object.entries(splits).map(([split, count]) => `${split} ${count}`);
    return `${name} (${rows.join(', ')})`;
  });
  return `${about}; for datasets ${cache.library}: ${configurations.join(', ')}`;
}
