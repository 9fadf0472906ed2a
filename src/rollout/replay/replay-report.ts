import path from 'node:path';
import { SOFTWARE } from '../../protocol/index.js';
import { COMMAND_CLASSES, type CommandClass, isDeterministic } from './command-class.js';
import type { StepComparison, Verdict } from './compare-step.js';
import type { Excuse } from './excuse.js';
import type { RecordingReplay } from './replay-recording.js';
import { unifiedDiff } from './unified-diff.js';

export type VerdictCounts = Record<Verdict, number>;

/** Counts over rounds. */
export interface ReplayCounts {
  classes: Partial<Record<CommandClass, VerdictCounts>>;
  /** Of deterministic commands only. */
  deterministic: VerdictCounts & {
    /** Share of equal ones, normalised or not, among those that are not excused; null when there is none. */
    share: number | null;
  };
  excuses: Partial<Record<Excuse, number>>;
  rules: Record<string, number>;
}

const DIFF_LINES = 200;

export function countSteps(steps: readonly StepComparison[]): ReplayCounts {
  const classes: ReplayCounts['classes'] = {};
  const excuses: ReplayCounts['excuses'] = {};
  const rules: ReplayCounts['rules'] = {};
  const total = noVerdicts();
  for (const { kind, verdict, excuse, rules: used } of steps) {
    const counts = classes[kind] ?? noVerdicts();
    classes[kind] = counts;
    counts[verdict]++;
    if (isDeterministic(kind)) total[verdict]++;
    if (excuse) excuses[excuse] = (excuses[excuse] ?? 0) + 1;
    if (verdict === 'normalised') for (const rule of used) rules[rule] = (rules[rule] ?? 0) + 1;
  }
  const alike = total.equal + total.normalised;
  const counted = alike + total.differs;
  return { classes, deterministic: { ...total, share: counted === 0 ? null : alike / counted }, excuses, rules };
}

function noVerdicts(): VerdictCounts {
  return { equal: 0, normalised: 0, differs: 0, excused: 0 };
}

/** @returns counts by class in the order of the classes, those that occur */
export function countsByClass({ classes }: ReplayCounts): [CommandClass, VerdictCounts][] {
  return COMMAND_CLASSES.flatMap((kind) => {
    const counts = classes[kind];
    return counts ? [[kind, counts] as [CommandClass, VerdictCounts]] : [];
  });
}

/** @returns counts by task, in the order of first appearance */
export function countsByTask(replays: readonly RecordingReplay[]): [string, ReplayCounts][] {
  const tasks = [...new Set(replays.map(({ task }) => task))];
  return tasks.map((task) => [
    task,
    countSteps(replays.flatMap((replay) => (replay.task === task ? replay.steps : []))),
  ]);
}

/** Everything that came of replaying, as `--json` prints it. `failures`: files that could not be played, with the reason. */
export function replayReport(
  replays: readonly RecordingReplay[],
  failures: readonly { file: string; problem: string }[],
): Record<string, unknown> {
  return {
    version: 1,
    software: `${SOFTWARE.name} ${SOFTWARE.version}`,
    summary: countSteps(replays.flatMap(({ steps }) => steps)),
    tasks: Object.fromEntries(countsByTask(replays)),
    files: replays.map(({ recording, task, steps, put, exitStatus, seconds }) => ({
      file: path.resolve(recording.file),
      source: recording.source,
      old: recording.isOld,
      task,
      seconds: Number(seconds.toFixed(3)),
      exit_status: { recorded: recording.exitStatus, replayed: exitStatus },
      put_files: put,
      counts: countSteps(steps),
      steps: steps.map(stepEntry),
    })),
    failures,
  };
}

function stepEntry({ step, action, kind, verdict, rules, excuse, recorded, replayed }: StepComparison): object {
  const entry = { step, class: kind, verdict, rules, excuse, action };
  if (verdict !== 'differs' && verdict !== 'excused') return entry;
  const diff = replayed === null ? [] : unifiedDiff(recorded, replayed, DIFF_LINES);
  return { ...entry, recorded, replayed, diff };
}
