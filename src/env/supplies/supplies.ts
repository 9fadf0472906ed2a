import path from 'node:path';
import { RpcError } from '../../protocol/index.js';
import { SandboxError } from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';
import { datasetDirectory, type HubNeed, hubDirectory, hubNeeds } from './hub/hub-need.js';
import { HubStore } from './hub/hub-store.js';
import { HUB_HOME, HUB_PLACE, PYTHON_PLACE } from './places.js';
import { PythonStore } from './python/python-store.js';
import { NO_SUPPLIES, type SupplyLink, type SupplySource, type TaskSupplies } from './task-supplies.js';

/** The libraries of the Hub look for nothing outside, and do not tell each time that they found it. */
const OFFLINE: Readonly<Record<string, string>> = {
  HF_HOME: HUB_HOME,
  HF_HUB_OFFLINE: '1',
  HF_DATASETS_OFFLINE: '1',
  TRANSFORMERS_OFFLINE: '1',
  HF_HUB_DISABLE_TELEMETRY: '1',
  DATASETS_VERBOSITY: 'error',
};

/** What was prepared for tasks, out of the directory of state. Nothing here uses the network. */
export class Supplies implements SupplySource {
  readonly hub: HubStore;
  readonly python: PythonStore;

  /** @param identify tells what an image was made from; may throw SandboxError */
  constructor(stateDir: string, identify: (image: string) => Promise<string>) {
    this.hub = new HubStore(stateDir);
    this.python = new PythonStore(stateDir, identify);
  }

  async of(task: Task): Promise<TaskSupplies> {
    const needs = hubNeeds(task);
    if (!task.requirements && needs.length === 0) return NO_SUPPLIES;
    const key = await this.python.key(task).catch((error: unknown) => {
      if (!(error instanceof SandboxError)) throw error;
      throw new RpcError('sandbox_unavailable', error.message, { sandbox_error: error.code }, { cause: error });
    });
    const parts = await Promise.all([
      ...(task.requirements ? [this.#pythonOf(task, key)] : []),
      ...needs.map((need) => this.#repoOf(task, need, key)),
    ]);
    return {
      mounts: parts.flatMap(({ mounts }) => mounts),
      environment: {
        programs: parts.flatMap(({ environment }) => environment.programs),
        variables: Object.assign({}, ...parts.map(({ environment }) => environment.variables)),
      },
      links: parts.flatMap(({ links }) => links),
    };
  }

  async #pythonOf(task: Task, key: string): Promise<TaskSupplies> {
    if (!(await this.python.find(key))) {
      throw unprepared(task, 'the Python environment of its requirements', this.python.place(key));
    }
    return {
      mounts: [{ hostPath: path.join(this.python.place(key), 'env'), path: PYTHON_PLACE }],
      environment: { programs: [`${PYTHON_PLACE}/bin`], variables: { VIRTUAL_ENV: PYTHON_PLACE } },
      links: [],
    };
  }

  async #repoOf(task: Task, need: HubNeed, key: string): Promise<TaskSupplies> {
    const what = `the ${need.type} ${need.repo} of the Hub`;
    const snapshot = await this.hub.find(need);
    if (!snapshot) throw unprepared(task, what, this.hub.home(need));
    const at = `${HUB_PLACE}/${snapshot.name}`;
    const { repo } = snapshot.record;
    const names = [...new Set([repo, need.repo, ...need.aliases])];
    const links: SupplyLink[] = names.map((name) => ({
      target: `${at}/hub/${snapshot.name}`,
      path: `${HUB_HOME}/hub/${hubDirectory(need.type, name)}`,
      kind: 'directory',
    }));
    const mounts = [{ hostPath: snapshot.hub, path: `${at}/hub` }];
    if (need.type === 'dataset') {
      const directory = snapshot.cacheDirectory(key, need.configurations);
      const cache = await snapshot.cache(key, need.configurations);
      if (!cache) throw unprepared(task, `the cache of ${what}`, directory);
      if (cache.library !== null) {
        mounts.push({ hostPath: path.join(directory, 'datasets'), path: `${at}/datasets` });
        const target = `${at}/datasets/${datasetDirectory(repo)}`;
        const places = names.map((name) => `${HUB_HOME}/datasets/${datasetDirectory(name)}`);
        links.push(...places.map((place): SupplyLink => ({ target, path: place, kind: 'files' })));
      }
    }
    return { mounts, environment: { programs: [], variables: OFFLINE }, links };
  }
}

function unprepared(task: Task, what: string, place: string): RpcError {
  const command = `gymsmith tasks prepare ${task.envId} --pack ${task.packRoot}`;
  const message = `The task ${task.envId} needs ${what}, which was not prepared (it is looked for in ${place}). Prepare it once, with network: ${command}`;
  return new RpcError('task_broken', message, { task: task.envId, place, command });
}
