import { stat } from 'node:fs/promises';
import { type Config, readConfig } from '../../config.js';
import type { CheckReport } from '../../env/check/check-report.js';
import { checkTask } from '../../env/check/check-task.js';
import { TaskRegistry } from '../../env/registry.js';
import { ENV_ID } from '../../env/task.js';
import { CliError } from '../cli-error.js';
import { openGym } from '../gym/open-gym.js';
import { Output } from '../output.js';
import { ProgressLine } from '../progress-line.js';
import { abortOnSignal } from './abort-on-signal.js';
import { printCheck } from './print-check.js';
import { printFaults } from './print-faults.js';

/** What `gymsmith tasks check` is asked to do. */
export interface CheckRequest {
  /** Pack directories and env ids; a pack stands for all its tasks. */
  targets: readonly string[];
  packs: readonly string[];
  /** Runs of each baseline. */
  runs: number;
  /** Only look at the files. */
  filesOnly: boolean;
  backend?: Config['backend'];
  json: boolean;
}

async function isDirectory(target: string): Promise<boolean> {
  return stat(target).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Packs to load and ids of the tasks to play; null for all. */
async function resolve({ targets, packs }: CheckRequest): Promise<{ packs: string[]; ids: string[] | null }> {
  const named: string[] = [];
  const ids: string[] = [];
  for (const target of targets) {
    const looksLikeId = ENV_ID.test(target) || /^[\w-]+\/[\w.-]+$/.test(target);
    if (await isDirectory(target)) named.push(target);
    else if (looksLikeId && !target.startsWith('.')) ids.push(target);
    else
      throw new CliError(
        `${target} is neither a directory nor an env id`,
        'Name a pack such as ./my-pack, or a task such as reference/sat-branching',
      );
  }
  return { packs: named.length > 0 ? named : [...packs], ids: ids.length > 0 ? ids : null };
}

async function play(
  config: Config,
  ids: readonly string[],
  request: CheckRequest,
  output: Output,
): Promise<CheckReport[]> {
  const gym = await openGym({ ...config, warm: 0, ...(request.backend && { backend: request.backend }) });
  const progress = new ProgressLine(new Output(process.stderr));
  const { signal, done } = abortOnSignal('Stopped before the check was complete');
  const reports: CheckReport[] = [];
  try {
    if (!request.json) output.line(output.style('faint', `Sandboxes: ${gym.backend.why}`));
    for (const id of ids) {
      const entry = gym.registry.get(id);
      if (entry.kind !== 'task') continue;
      if (!request.json) output.heading(`\n${entry.task.envId}`);
      const report = await checkTask(entry.task, {
        createEnv: (episodeId, params) => gym.catalogue.create(episodeId, params),
        runs: request.runs,
        signal,
        onProgress: (what) => progress.show(what),
      });
      progress.clear();
      reports.push(report);
      if (!request.json) printCheck(report, output);
    }
  } finally {
    progress.clear();
    done();
    await gym.close();
  }
  return reports;
}

/**
 * Checks the files of packs, then plays their tasks.
 * @returns whether nothing is wrong
 * @throws CliError for wrong targets and where no sandbox can be made
 */
export async function checkPacks(request: CheckRequest, output: Output): Promise<boolean> {
  const { packs, ids } = await resolve(request);
  const config = { ...readConfig(), packs };
  const registry = await TaskRegistry.open(packs);
  const asked = ids?.map((id) => registry.get(id).summary) ?? registry.list();
  const named = new Set(asked.map((summary) => summary.task));
  const faults = registry.faults.filter((fault) => ids === null || (fault.envId !== null && named.has(fault.envId)));
  const errors = faults.filter((fault) => fault.severity === 'error').length;
  if (!request.json) {
    printFaults(faults, output);
    const loaded = `${asked.length} ${asked.length === 1 ? 'task loads' : 'tasks load'}`;
    output.line(`${loaded}, ${errors} ${errors === 1 ? 'error' : 'errors'}, ${faults.length - errors} to look at.`);
  }
  const reports = request.filesOnly || asked.length === 0 ? [] : await play(config, [...named], request, output);
  const failed = reports.filter((report) => report.verdict === 'fail');
  if (request.json) output.line(JSON.stringify({ version: 1, faults, reports }, null, 2));
  else if (reports.length > 1) {
    const style = failed.length > 0 ? 'bad' : 'good';
    output.line(output.style(style, `\n${reports.length - failed.length} of ${reports.length} tasks work.`));
  }
  return errors === 0 && failed.length === 0;
}
