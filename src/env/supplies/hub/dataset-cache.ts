import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Task } from '../../task.js';
import { byLine } from '../output-lines.js';
import { HUB_HOME, HUB_PLACE, PREPARE_PLACE, PYTHON_PLACE } from '../places.js';
import type { PreparationListener } from '../preparation-listener.js';
import { inPreparationSandbox, type PreparationPlace, runScript } from '../preparation-sandbox.js';
import { SupplyFault } from '../supply-fault.js';
import type { HubNeed } from './hub-need.js';
import { type CacheRecord, type HubSnapshot, writeCacheRecord } from './hub-store.js';

const TIMEOUT_MS = 6 * 3600_000;
const SHOWN_LINES = 15;

const Said = z.union([
  z.object({ building: z.string(), number: z.int(), of: z.int() }),
  z.object({ absent: z.string() }),
  z.object({
    done: z.object({
      library: z.string(),
      configurations: z.record(z.string(), z.object({ splits: z.record(z.string(), z.int()) })),
      default: z.string().nullable(),
    }),
  }),
]);

/** What is to be made. */
export interface CacheJob {
  task: Task;
  need: HubNeed;
  snapshot: HubSnapshot;
  /** Environment whose `datasets` library makes the cache, and will read it. */
  environment: { key: string; python: string | null };
  place: PreparationPlace;
  listener: PreparationListener;
  signal?: AbortSignal;
}

/**
 * Makes the cache from which the `datasets` library of an environment loads a data set without network: with that library, in a sandbox
 * without network that holds the repository. Complete or not at all; an environment without the library gets an empty one.
 * @throws SupplyFault with the end of what the library said; the signal's reason
 */
export async function makeDatasetCache(job: CacheJob): Promise<CacheRecord> {
  const { task, need, snapshot, environment, place, listener, signal } = job;
  const final = snapshot.cacheDirectory(environment.key, need.configurations);
  const making = path.join(path.dirname(final), `.making-${path.basename(final)}`);
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  const at = `${HUB_PLACE}/${snapshot.name}`;
  const facts = {
    task,
    network: 'none' as const,
    mounts: [
      { hostPath: snapshot.hub, path: `${at}/hub` },
      ...(environment.python ? [{ hostPath: environment.python, path: PYTHON_PLACE }] : []),
    ],
    writable: [{ hostPath: path.join(making, 'datasets'), path: `${at}/datasets` }],
    timeoutMs: TIMEOUT_MS,
  };
  let record: CacheRecord | null = null;
  const hear = byLine((line) => {
    const said = parse(line);
    if (!said) return;
    if ('building' in said) {
      listener.onPart(`making the cache of ${need.repo}: ${said.building} (${said.number} of ${said.of})`);
    } else if ('absent' in said) record = { version: 1, library: null, configurations: {}, default: null };
    else record = { version: 1, ...said.done };
  });
  listener.onPart(`making the cache of ${need.repo}`);
  const run = await inPreparationSandbox(
    place,
    facts,
    (sandbox) => runScript(sandbox, script(job, at), { timeoutMs: TIMEOUT_MS, onText: hear, signal }),
    signal,
  );
  if (run.exitCode !== 0 || !record) {
    await rm(making, { recursive: true, force: true });
    const end = run.tail.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
    throw new SupplyFault(
      `The datasets library cannot load ${need.repo}:\n  ${end}`,
      'Name the configurations or files that the task needs under "hub" in its sidecar, or another revision.',
    );
  }
  await writeCacheRecord(making, record);
  await rm(final, { recursive: true, force: true });
  await rename(making, final);
  return record;
}

function parse(line: string): z.infer<typeof Said> | null {
  if (!line.startsWith('{')) return null;
  try {
    return Said.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function script({ need, snapshot, environment }: CacheJob, at: string): string {
  const { name, record } = snapshot;
  const words = [
    record.repo,
    record.revision,
    `${at}/hub/${name}/snapshots/${record.revision}`,
    ...need.configurations,
  ];
  const args = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const lines = [
    'set -e',
    // Whoever prepares can remove what the sandbox's user made.
    `trap 'find ${at}/datasets -mindepth 1 ! -type l -exec chmod a+rwX {} +' EXIT`,
    `export HF_HOME=${HUB_HOME} HF_DATASETS_CACHE=${at}/datasets PYTHONDONTWRITEBYTECODE=1`,
    ...(environment.python ? [`export PATH=${PYTHON_PLACE}/bin:"$PATH"`] : []),
    `mkdir -p "$HF_HOME/hub"`,
    // Files are links, directories its own: the library locks and notes things beside them.
    `cp -rs ${at}/hub/. "$HF_HOME/hub/"`,
    `python3 ${PREPARE_PLACE}/dataset_cache.py ${args}`,
  ];
  return `(\n${lines.join('\n')}\n)`;
}
