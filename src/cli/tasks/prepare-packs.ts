import { shownText } from '../../agent/shown-text.js';
import { type Config, readConfig } from '../../config.js';
import { TaskRegistry } from '../../env/registry.js';
import { hubAccess } from '../../env/supplies/hub/hub-access.js';
import { hubNeeds } from '../../env/supplies/hub/hub-need.js';
import { type PreparedPart, prepareTask } from '../../env/supplies/prepare-task.js';
import { Supplies } from '../../env/supplies/supplies.js';
import { SupplyFault } from '../../env/supplies/supply-fault.js';
import type { Task } from '../../env/task.js';
import { type Owner, Owners } from '../../files/owners.js';
import { StorageFault } from '../../files/storage-fault.js';
import type { SandboxBackend } from '../../sandbox/sandbox.js';
import { CliError } from '../cli-error.js';
import { chooseBackend } from '../gym/choose-backend.js';
import { makeDirectory } from '../gym/make-directory.js';
import { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { abortOnSignal } from './abort-on-signal.js';
import { PrepareProgress } from './prepare-progress.js';
import { requireTasks } from './require-tasks.js';

/** What `gymsmith tasks prepare` is asked to do. */
export interface PrepareRequest {
  /** Env ids; none: every task of the packs. */
  tasks: readonly string[];
  packs: readonly string[];
  maxBytes: number;
  isRefresh: boolean;
  backend?: Config['backend'];
  json: boolean;
}

interface TaskReport {
  task: string;
  parts: PreparedPart[];
  fault: { message: string; remedy: string | null } | null;
}

/**
 * Prepares tasks one after the other; a fault of one does not keep the others waiting.
 * @returns whether everything is there now
 * @throws CliError where no sandbox can be made; RpcError for an unknown task
 */
export async function preparePacks(request: PrepareRequest, output: Output): Promise<boolean> {
  const config = { ...readConfig(), ...(request.backend && { backend: request.backend }) };
  const registry = await TaskRegistry.open(request.packs);
  requireTasks(registry);
  const ids = request.tasks.length > 0 ? request.tasks : registry.list().map(({ task }) => task);
  const all = ids.map((id) => registry.get(id)).flatMap((entry) => (entry.kind === 'task' ? [entry.task] : []));
  const needy = all.filter((task) => task.requirements || hubNeeds(task).length > 0);
  const reports: TaskReport[] = all
    .filter((task) => !needy.includes(task))
    .map(({ envId }) => ({ task: envId, parts: [], fault: null }));
  if (needy.length > 0) reports.push(...(await prepareAll(needy, config, request, output)));
  const failed = reports.filter(({ fault }) => fault);
  if (request.json) output.line(JSON.stringify({ version: 1, tasks: reports }, null, 2));
  else summarize(all.length, needy.length, failed.length, output);
  return failed.length === 0;
}

function summarize(all: number, needy: number, failed: number, output: Output): void {
  const tasks = `${all} ${all === 1 ? 'task' : 'tasks'}`;
  if (needy === 0) output.line(`${tasks}: nothing is needed from outside the pack.`);
  else if (failed > 0) output.line(output.style('bad', `${failed} of ${needy} tasks could not be prepared.`));
  else output.line(output.style('good', `${tasks}, ${needy} of them with needs: everything is there.`));
}

async function prepareAll(
  tasks: readonly Task[],
  config: Config,
  { maxBytes, isRefresh, json }: PrepareRequest,
  output: Output,
): Promise<TaskReport[]> {
  await makeDirectory(config.stateDir, 'GYMSMITH_STATE_DIR');
  await makeDirectory(config.runDir, 'GYMSMITH_RUN_DIR', 0o700);
  const { backend, why } = await chooseBackend(config);
  const owners = new Owners(config.runDir);
  const owner = await owners.claim('prepare');
  const { signal, done } = abortOnSignal('Stopped; what was downloaded is kept for the next time');
  const progress = new PrepareProgress(new Output(process.stderr));
  const reports: TaskReport[] = [];
  try {
    if (!json) output.line(output.style('faint', `Sandboxes: ${why}`));
    await removeLeft(backend, owners, owner);
    const supplies = new Supplies(config.stateDir, (image) => backend.identify(image));
    const place = { backend, owner: owner.id, network: config.network };
    const hub = await hubAccess(config.network).catch((error: unknown) => {
      throw error instanceof SupplyFault ? new CliError(error.message, error.remedy) : error;
    });
    const common = { stateDir: config.stateDir, supplies, place, hub, maxBytes, isRefresh, listener: progress, signal };
    for (const task of tasks) {
      const report = await prepareOne(task, common);
      progress.clear();
      reports.push(report);
      if (!json) print(report, output);
    }
  } finally {
    progress.clear();
    done();
    await backend.close();
    await owner.release();
  }
  return reports;
}

/** Ends preparations of processes that were killed: they would write where the next one does. */
async function removeLeft(backend: SandboxBackend, owners: Owners, own: Owner): Promise<void> {
  for (const { id, labels } of await backend.list({ role: 'preparation' })) {
    const { owner = '' } = labels;
    if (owner === own.id || (await owners.stateOf(owner)) === 'dead') await backend.destroy(id);
  }
}

async function prepareOne(task: Task, options: Parameters<typeof prepareTask>[1]): Promise<TaskReport> {
  try {
    return { task: task.envId, parts: await prepareTask(task, options), fault: null };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof StorageFault)
      return { task: task.envId, parts: [], fault: { message: error.message, remedy: null } };
    if (!(error instanceof SupplyFault)) throw error;
    return { task: task.envId, parts: [], fault: { message: error.message, remedy: error.remedy } };
  }
}

function print({ task, parts, fault }: TaskReport, output: Output): void {
  output.heading(task);
  for (const { what, wasThere, detail } of parts) {
    output.line(`  ${output.style('good', wasThere ? 'there' : 'made ')}  ${shownLine(what)}: ${shownLine(detail)}`);
  }
  if (!fault) return;
  output.line(`  ${output.style('bad', 'FAIL ')}  ${shownText(fault.message)}`);
  if (fault.remedy) output.line(`         ${output.style('accent', fault.remedy)}`);
}
