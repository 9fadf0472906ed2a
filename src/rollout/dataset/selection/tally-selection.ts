import type { DatasetManifest, Drop } from '../manifest.js';
import { EDGES, Histogram } from './histogram.js';
import type { Split } from './split-tasks.js';
import type { TrajectoryFacts } from './trajectory-facts.js';

/** What a selection tells a manifest; rows are counted by who writes them. */
export type SelectionTally = Pick<
  DatasetManifest,
  'expression' | 'trajectories' | 'kept' | 'dropped' | 'clauses' | 'models' | 'exit_statuses' | 'distributions'
> & { tasks: Omit<DatasetManifest['tasks'][number], 'rows'>[] };

interface Selected {
  facts: readonly TrajectoryFacts[];
  /** Null: kept. */
  fates: ReadonlyMap<string, Drop | null>;
  splits: ReadonlyMap<string, Split>;
  expression: string;
  clauses: readonly string[];
}

/** @throws Error when counts do not add up */
export function tallySelection({ facts, fates, splits, expression, clauses }: Selected): SelectionTally {
  const tasks = new Map<string, SelectionTally['tasks'][number]>();
  const models = new Map<string, SelectionTally['models'][number]>();
  const statuses = new Map<string, SelectionTally['exit_statuses'][number]>();
  const counts = new Map(clauses.map((clause) => [clause, 0]));
  const dropped: SelectionTally['dropped'] = {};
  const tokens = new Histogram(EDGES.tokens);
  const steps = new Histogram(EDGES.steps);
  const improvement = new Histogram(EDGES.improvement);
  let kept = 0;
  for (const { id, labels, isValid, clause } of facts) {
    const drop = fates.get(id)!;
    if (drop === null) kept += 1;
    else dropped[drop] = (dropped[drop] ?? 0) + 1;
    if (clause !== null && (drop === 'preset' || drop === 'where')) counts.set(clause, (counts.get(clause) ?? 0) + 1);
    if (labels === null) continue;
    const isKept = drop === null;
    const task = entry(tasks, labels.task, (): SelectionTally['tasks'][number] => ({
      task: labels.task,
      split: splits.get(labels.task)!,
      trajectories: 0,
      valid: 0,
      improved: 0,
      kept: 0,
      dropped: {},
    }));
    const model = entry(models, labels.model, () => ({
      model: labels.model,
      trajectories: 0,
      valid: 0,
      improved: 0,
      kept: 0,
    }));
    const status = entry(statuses, labels.exit_status, () => ({
      exit_status: labels.exit_status,
      trajectories: 0,
      kept: 0,
    }));
    for (const of of [task, model, status]) {
      of.trajectories += 1;
      of.kept += Number(isKept);
    }
    for (const of of [task, model]) {
      of.valid += Number(isValid);
      of.improved += Number(labels.improves);
    }
    if (drop !== null) task.dropped[drop] = (task.dropped[drop] ?? 0) + 1;
    tokens.add(labels.tokens, isKept);
    steps.add(labels.steps, isKept);
    if (labels.improvement !== null) improvement.add(labels.improvement, isKept);
  }
  const tally: SelectionTally = {
    expression,
    trajectories: facts.length,
    kept,
    dropped,
    clauses: [...counts].map(([clause, dropped]) => ({ clause, dropped })),
    tasks: [...tasks.values()].sort((a, b) => (a.task < b.task ? -1 : 1)),
    models: [...models.values()].sort((a, b) => (a.model < b.model ? -1 : 1)),
    exit_statuses: [...statuses.values()].sort(
      (a, b) => b.trajectories - a.trajectories || (a.exit_status < b.exit_status ? -1 : 1),
    ),
    distributions: { tokens: tokens.bins, steps: steps.bins, improvement: improvement.bins },
  };
  refuseWrongSums(tally);
  return tally;
}

function entry<Entry>(map: Map<string, Entry>, key: string, make: () => Entry): Entry {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

function refuseWrongSums({
  trajectories,
  kept,
  dropped,
  clauses,
  tasks,
  models,
  exit_statuses,
  distributions,
}: SelectionTally): void {
  const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0);
  const all = (drops: SelectionTally['dropped']) => sum(Object.values(drops));
  const readable = trajectories - (dropped.unreadable ?? 0);
  const wrong =
    kept + all(dropped) !== trajectories ||
    sum(clauses.map((clause) => clause.dropped)) !== (dropped.preset ?? 0) + (dropped.where ?? 0) ||
    tasks.some((task) => task.kept + all(task.dropped) !== task.trajectories) ||
    [tasks, models, exit_statuses].some(
      (rows) => sum(rows.map((row) => row.trajectories)) !== readable || sum(rows.map((row) => row.kept)) !== kept,
    ) ||
    [distributions.tokens, distributions.steps].some(
      (bins) => sum(bins.map((bin) => bin.kept + bin.dropped)) !== readable,
    );
  if (wrong) throw new Error('The counts of the selection do not add up');
}
