import path from 'node:path';
import { type GroupSums, groupSums } from '../../rollout/sampling/index/group-sums.js';
import { readIndex } from '../../rollout/sampling/index/read-index.js';
import { validDistribution } from '../../rollout/sampling/index/valid-distribution.js';
import { requireSampleRun } from '../../rollout/sampling/require-sample-run.js';
import { SamplePlaces } from '../../rollout/sampling/sample-places.js';
import { runningProcess } from '../../run/running-process.js';
import { Ledger } from '../../store/ledger.js';
import type { Output } from '../output.js';
import { sampleSpentLine } from './sample-words.js';

/** Rows of tasks that a person is shown; JSON has all. */
const SHOWN_TASKS = 40;
const HEADS = ['attempts', 'done', 'valid', 'improve', 'running', 'open', 'given up', 'faults'];

/** Shows how a run stands, running or not; nothing is changed. @param own the ledger where this process works on the run */
export async function showSampleStatus(
  { out, json }: { out: string; json?: boolean },
  output: Output,
  own: Ledger | null = null,
): Promise<void> {
  const places = new SamplePlaces(path.resolve(out));
  const manifest = await requireSampleRun(places);
  const ledger = own ?? Ledger.readOnly(places.ledger);
  try {
    const index = readIndex(ledger);
    const holder = await runningProcess(places.root);
    // A process that tells how its own run ended holds it still.
    const pid = holder === process.pid ? null : holder;
    const total = groupSums(index, () => 'all', ['all']).get('all')!;
    const tasks = [...groupSums(index, ({ task }) => task)];
    const models = [...groupSums(index, ({ model }) => model)];
    const distribution = validDistribution(tasks.map(([, { valid }]) => valid));
    const isComplete = total.attempts > 0 && total.open + total.running === 0;
    const state = pid !== null ? 'running' : isComplete ? 'complete' : 'stopped';
    if (json) {
      const named = (all: [string, GroupSums][], name: string) => all.map(([key, sums]) => ({ [name]: key, ...sums }));
      output.line(
        JSON.stringify({
          ...{ run: places.root, id: manifest.id, state, pid, created_at: manifest.created_at },
          ...{ total, wall_seconds: index.wallSeconds, distribution },
          ...{ tasks: named(tasks, 'task'), models: named(models, 'model') },
          ...{ exits: index.exits, faults: index.faults },
        }),
      );
      return;
    }
    const shown = { running: `running (process ${pid})`, complete: 'complete', stopped: 'stopped before its end' }[
      state
    ];
    output.line(`${output.style('heading', out)}  ${shown}, begun ${manifest.created_at}`);
    output.line();
    printRows('task', tasks, total, output);
    if (models.length > 1) {
      output.line();
      printRows('model', models, null, output);
    }
    output.line();
    const { least, median, most, without } = distribution;
    if (tasks.length > 1) {
      output.line(
        `valid per task: ${least} to ${most}, median ${median}; ${without} of ${tasks.length} tasks have none`,
      );
    }
    output.line(`spent ${sampleSpentLine(total.spent, index.wallSeconds, manifest.settings.budget)}`);
    if (total.failed > 0) output.line(`try again what was given up: ${command(`sample retry --out ${out}`, output)}`);
    if (state === 'stopped' && own === null) output.line(`next: ${command(`sample run --out ${out}`, output)}`);
  } finally {
    if (own === null) ledger.close();
  }
}

function printRows(name: string, all: readonly [string, GroupSums][], total: GroupSums | null, output: Output): void {
  const rows = all.slice(0, SHOWN_TASKS).map(([key, sums]) => [key, ...cells(sums)]);
  if (all.length > SHOWN_TASKS) rows.push([`and ${all.length - SHOWN_TASKS} more`]);
  if (total !== null) rows.push([`all ${all.length}`, ...cells(total)]);
  output.table([name, ...HEADS], rows, [1, 2, 3, 4, 5, 6, 7, 8]);
}

function cells(sums: GroupSums): string[] {
  const { attempts, done, valid, improves, running, open, failed, infrastructure, endpoint } = sums;
  return [attempts, done, valid, improves, running, open, failed, infrastructure + endpoint].map(String);
}

function command(words: string, output: Output): string {
  return output.style('accent', `gymsmith ${words}`);
}
