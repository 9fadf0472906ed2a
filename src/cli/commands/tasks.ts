import { Command, InvalidArgumentError, Option } from 'commander';
import { readConfig } from '../../config.js';
import { TaskRegistry } from '../../env/registry.js';
import { count, packOption } from '../config-flags.js';
import { Output } from '../output.js';
import { checkPacks } from '../tasks/check-packs.js';
import { preparePacks } from '../tasks/prepare-packs.js';
import { printFaults } from '../tasks/print-faults.js';
import { reloadServer } from '../tasks/reload-server.js';
import { requireTasks } from '../tasks/require-tasks.js';
import { showTask } from '../tasks/show-task.js';
import { printTasks } from '../tasks/task-table.js';

const DEFAULT_MAX_GIB = 64;

interface PackOption {
  pack?: string[];
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

function packsOf({ pack }: PackOption): string[] {
  return pack ?? readConfig().packs;
}

function listCommand(): Command {
  return new Command('list')
    .description('list the tasks: id, kind, metric and which way is better, baseline, GPUs, steps')
    .argument('[namespace]', 'only ids that begin with it')
    .addOption(packOption())
    .option('--json', 'print one JSON document')
    .action(async (namespace: string | undefined, options: PackOption & { json?: boolean }) => {
      const output = new Output();
      const registry = await TaskRegistry.open(packsOf(options));
      const tasks = registry.list(namespace);
      const faults = registry.faults.filter((fault) => fault.severity === 'error');
      if (options.json) output.line(JSON.stringify({ version: 1, tasks, faults }, null, 2));
      else if (tasks.length > 0) printTasks(tasks, output);
      else
        output.line(
          namespace === undefined ? 'There is no task.' : `There is no task whose id begins with ${namespace}.`,
        );
      if (faults.length > 0 && !options.json) {
        const notes = new Output(process.stderr);
        printFaults(faults, notes);
        notes.line('Tasks with faults are not served. See everything: gymsmith tasks check --files-only');
      }
      if (tasks.length === 0) process.exitCode = 1;
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('show everything about a task')
    .argument('<task>', 'env id; without a version the highest')
    .addOption(packOption())
    .option('--json', 'print one JSON document')
    .action(async (id: string, options: PackOption & { json?: boolean }) => {
      const output = new Output();
      const registry = await TaskRegistry.open(packsOf(options));
      requireTasks(registry);
      const entry = registry.get(id);
      if (options.json || entry.kind !== 'task') {
        const sidecar = entry.kind === 'task' ? { sidecar: entry.task.sidecar } : {};
        output.line(JSON.stringify({ version: 1, task: entry.detail, ...sidecar }, null, 2));
      } else showTask(entry.task, output);
    });
}

function checkCommand(): Command {
  return new Command('check')
    .description(
      'check packs: their files, then every task in a sandbox (baseline, noise, hidden files, empty submissions)',
    )
    .argument('[targets...]', 'pack directories or env ids (default: all of GYMSMITH_PACKS)')
    .addOption(packOption())
    .option('--files-only', 'only look at the files')
    .option('--runs <n>', 'runs of each baseline', positive, 3)
    .addOption(new Option('--backend <name>', 'where the sandboxes come from').choices(['auto', 'docker', 'local']))
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nThe exit code is 1 when a file is faulty or a task does not work.')
    .action(async (targets: string[], options) => {
      const { runs, filesOnly = false, backend, json = false } = options;
      const request = { targets, packs: packsOf(options), runs, filesOnly, backend, json };
      if (!(await checkPacks(request, new Output()))) process.exitCode = 1;
    });
}

function prepareCommand(): Command {
  return new Command('prepare')
    .description('get what tasks need from outside their pack: repositories of the Hub, Python environments')
    .argument('[tasks...]', 'env ids (default: all tasks of the packs)')
    .addOption(packOption())
    .option('--max-gib <n>', 'size that one repository of the Hub may have', count(1), DEFAULT_MAX_GIB)
    .option('--refresh', 'take the newest commits of the Hub, and make Python environments anew')
    .addOption(new Option('--backend <name>', 'where the sandboxes come from').choices(['auto', 'docker', 'local']))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nWhat is prepared lies below GYMSMITH_STATE_DIR and serves every task that needs the same. HF_ENDPOINT and HF_TOKEN name the Hub,' +
        '\nPIP_INDEX_URL the index of Python packages. The exit code is 1 when something could not be prepared.',
    )
    .action(async (tasks: string[], options) => {
      const { maxGib, refresh = false, backend, json = false } = options;
      const request = { tasks, packs: packsOf(options), maxBytes: maxGib * 2 ** 30, isRefresh: refresh, backend, json };
      if (!(await preparePacks(request, new Output()))) process.exitCode = 1;
    });
}

function reloadCommand(): Command {
  return new Command('reload')
    .description('make a running server read its packs again; its episodes go on')
    .requiredOption('--url <address>', 'address of the server, such as http://127.0.0.1:8765')
    .option('--token <token>', 'its token (GYMSMITH_TOKEN); other users of the machine can see flags')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nThe exit code is 1 when a task is not served because of a fault or a change.')
    .action(async ({ url, token, json = false }: { url: string; token?: string; json?: boolean }) => {
      if (!(await reloadServer({ url, token, json }, new Output()))) process.exitCode = 1;
    });
}

/** `gymsmith tasks` */
export function tasksCommand(): Command {
  return new Command('tasks')
    .description('list, show, prepare and check tasks, make a server read them again')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(prepareCommand())
    .addCommand(checkCommand())
    .addCommand(reloadCommand());
}
