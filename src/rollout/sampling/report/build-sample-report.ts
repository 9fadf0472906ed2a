import type { ExitCount } from '../index/exit-counts.js';
import type { FaultCount } from '../index/fault-counts.js';
import { type GroupSums, groupSums } from '../index/group-sums.js';
import type { SampleIndex } from '../index/read-index.js';
import type { TaskSums } from '../index/task-sums.js';
import { validDistribution } from '../index/valid-distribution.js';
import type { SampleManifest } from '../sample-manifest.js';
import { SampleReport } from './sample-report.js';

/** @returns the report of a run @throws Error when its numbers do not add up */
export function buildSampleReport(manifest: SampleManifest, index: SampleIndex, madeAt: Date): SampleReport {
  const total = groupSums(index, () => 'all', ['all']).get('all')!;
  const tasks = [...groupSums(index, ({ task }) => task)]
    .map(([task, sums]) => ({ task, ...sums, ...scoresOf(index.tasks.filter((row) => row.task === task)) }))
    .sort((a, b) => b.valid - a.valid || b.done - a.done || (a.task < b.task ? -1 : 1));
  const report: SampleReport = {
    version: 1,
    made_at: madeAt.toISOString(),
    run: manifest,
    total,
    wall_seconds: index.wallSeconds,
    distribution: validDistribution(tasks.map(({ valid }) => valid)),
    tasks,
    models: [...groupSums(index, ({ model }) => model)].map(([model, sums]) => ({ model, ...sums })),
    cells: index.tasks,
    exits: exitsOf(index.exits),
    faults: faultsOf(index.faults),
    per_valid: perValid(total),
  };
  refuseWrongSums(report);
  return SampleReport.parse(report);
}

function scoresOf(rows: readonly TaskSums[]) {
  const direction = rows.find((row) => row.direction !== null)?.direction ?? null;
  const found = rows.map(({ best }) => best).filter((best) => best !== null);
  const baseline = rows.find((row) => row.baseline !== null)?.baseline ?? null;
  const best = found.length === 0 ? null : direction === 'minimize' ? Math.min(...found) : Math.max(...found);
  const isComparable = direction !== null && best !== null && baseline !== null && baseline !== 0;
  const better = direction === 'minimize' ? (baseline ?? 0) - (best ?? 0) : (best ?? 0) - (baseline ?? 0);
  const improvement = isComparable ? better / Math.abs(baseline) : null;
  return { direction, baseline, best, improvement };
}

function exitsOf(exits: readonly ExitCount[]): SampleReport['exits'] {
  const found = new Map<string, SampleReport['exits'][number]>();
  for (const { exit_status, stop, model, count } of exits) {
    const key = JSON.stringify([exit_status, stop]);
    const known = found.get(key) ?? { exit_status, stop, count: 0, models: [] };
    found.set(key, known);
    known.count += count;
    const own = known.models.find((one) => one.model === model);
    if (own) own.count += count;
    else known.models.push({ model, count });
  }
  return [...found.values()].sort((a, b) => b.count - a.count || (a.exit_status < b.exit_status ? -1 : 1));
}

function faultsOf(faults: readonly FaultCount[]): SampleReport['faults'] {
  const found = new Map<string, SampleReport['faults'][number] & { at: Set<string> }>();
  for (const { end, code, task, count } of faults) {
    const key = JSON.stringify([end, code]);
    const known = found.get(key) ?? { end, code, count: 0, tasks: 0, at: new Set() };
    found.set(key, known);
    known.count += count;
    known.tasks = known.at.add(task).size;
  }
  return [...found.values()]
    .map(({ at: _, ...fault }) => fault)
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

function perValid({ valid, seconds, spent }: GroupSums): SampleReport['per_valid'] {
  if (valid === 0) return null;
  return {
    usd: spent.usd / valid,
    unpriced_calls: spent.unpriced_calls / valid,
    tokens: (spent.input_tokens + spent.output_tokens) / valid,
    calls: spent.calls / valid,
    seconds: seconds / valid,
    gpu_hours: spent.gpu_hours / valid,
  };
}

function refuseWrongSums({ total, tasks, models, cells, exits, faults, distribution }: SampleReport): void {
  const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
  const ended = total.infrastructure + total.endpoint + total.lost + total.stopped;
  const sums: [string, number, number][] = [
    ['states', total.open + total.running + total.done + total.failed, total.attempts],
    ['attempts of tasks', sum(tasks.map(({ attempts }) => attempts)), total.attempts],
    ['attempts of models', sum(models.map(({ attempts }) => attempts)), total.attempts],
    ['attempts of models at tasks', sum(cells.map(({ attempts }) => attempts)), total.attempts],
    ['valid of tasks', sum(tasks.map(({ valid }) => valid)), total.valid],
    ['ways to end', sum(exits.map(({ count }) => count)), total.done],
    ['faults', sum(faults.map(({ count }) => count)), ended],
    ['tries', ended + total.done + total.running, total.tries],
    ['tasks by valid trajectories', sum(distribution.histogram.map((bin) => bin.tasks)), tasks.length],
  ];
  for (const [what, left, right] of sums) {
    if (left !== right) throw new Error(`The report does not add up: ${what}: ${left} and ${right}`);
  }
}
