import path from 'node:path';
import { type CommandClass, isDeterministic } from '../../rollout/replay/command-class.js';
import type { StepComparison } from '../../rollout/replay/compare-step.js';
import { EXCUSES, type Excuse } from '../../rollout/replay/excuse.js';
import { NORMALISE_RULES } from '../../rollout/replay/normalise.js';
import type { RecordingReplay } from '../../rollout/replay/replay-recording.js';
import {
  countSteps,
  countsByClass,
  countsByTask,
  type ReplayCounts,
  type VerdictCounts,
} from '../../rollout/replay/replay-report.js';
import { unifiedDiff } from '../../rollout/replay/unified-diff.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';

/** Says in one line what came of a file. */
export function printFile({ recording, task, steps, put, seconds }: RecordingReplay, output: Output): void {
  const { deterministic, classes } = countSteps(steps);
  const { equal, normalised, differs, excused } = deterministic;
  const isAlike = differs === 0;
  const notes = [
    `${equal + normalised}/${equal + normalised + differs} deterministic alike`,
    ...(normalised > 0 ? [`${normalised} after normalising`] : []),
    ...(excused > 0 ? [`${excused} left out`] : []),
    ...(['evaluation', 'program'] as const).flatMap((kind) => aside(kind, classes[kind])),
    ...(put.length > 0
      ? [`put as recorded: ${[...new Set(put.map(({ file }) => shownLine(path.basename(file))))].join(' ')}`]
      : []),
  ];
  const mark = output.style(isAlike ? 'good' : 'bad', isAlike ? 'alike  ' : 'differs');
  output.line(
    `${mark}  ${shownLine(shortName(recording.file))}  ${shownLine(task)}  ${notes.join(', ')}  ${seconds.toFixed(1)} s`,
  );
}

function aside(kind: CommandClass, counts: VerdictCounts | undefined): string[] {
  if (!counts) return [];
  const { equal, normalised, differs } = counts;
  const all = equal + normalised + differs;
  return all === 0 ? [] : [`${kind}s ${equal + normalised}/${all}`];
}

/** Shows where observations differ. */
export function printDifferences(
  { steps }: RecordingReplay,
  { withPrograms, most }: { withPrograms: boolean; most: number },
  output: Output,
): void {
  for (const step of steps) {
    const isShown = step.verdict === 'differs' && (withPrograms || isDeterministic(step.kind));
    if (isShown) printDifference(step, most, output);
  }
}

function printDifference(
  { step, kind, action, recorded, replayed }: StepComparison,
  most: number,
  output: Output,
): void {
  const [first = ''] = action.trim().split('\n');
  const title = `  action ${step + 1} (${kind}): ${shownLine(first).slice(0, 100)}`;
  output.line(output.style('heading', title));
  for (const line of unifiedDiff(recorded, replayed ?? '', most)) {
    const style = line.startsWith('-') ? 'bad' : line.startsWith('+') ? 'good' : 'faint';
    output.line(`    ${output.style(style, shownLine(line).slice(0, 200))}`);
  }
}

/** Sums up: by task, by class of command, why observations were left out, which rules were needed. */
export function printSummary(
  replays: readonly RecordingReplay[],
  failures: readonly { file: string; problem: string }[],
  output: Output,
): void {
  const counts = countSteps(replays.flatMap(({ steps }) => steps));
  output.line();
  const tasks = countsByTask(replays).map(([task, of]) => row(task, of.deterministic, of.deterministic.share));
  if (tasks.length > 1) tasks.push(row('all', counts.deterministic, counts.deterministic.share));
  output.table(['TASK (deterministic)', ...COLUMNS], tasks, NUMBERS);
  output.line();
  const classes = countsByClass(counts).map(([kind, of]) => row(kind, of, shareOf(of)));
  output.table(['COMMANDS', ...COLUMNS], classes, NUMBERS);
  printReasons(counts, output);
  for (const { file, problem } of failures) {
    output.line(`${output.style('bad', 'not played')}  ${shownLine(file)}: ${shownLine(problem)}`);
  }
}

const COLUMNS = ['EQUAL', 'NORMALISED', 'DIFFERS', 'LEFT OUT', 'ALIKE'];
const NUMBERS = [1, 2, 3, 4, 5];

function row(name: string, { equal, normalised, differs, excused }: VerdictCounts, share: number | null): string[] {
  const percent = share === null ? '' : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
  return [name, ...[equal, normalised, differs, excused].map(String), percent];
}

function shareOf({ equal, normalised, differs }: VerdictCounts): number | null {
  const all = equal + normalised + differs;
  return all === 0 ? null : (equal + normalised) / all;
}

function printReasons({ excuses, rules }: ReplayCounts, output: Output): void {
  const left = Object.entries(excuses).map(([excuse, n]) => [String(n), EXCUSES[excuse as Excuse]]);
  if (left.length > 0) {
    output.line();
    output.table(['LEFT OUT', 'BECAUSE IT'], left, [0]);
  }
  const used = NORMALISE_RULES.flatMap(({ id, what }) =>
    rules[id] === undefined ? [] : [[String(rules[id]), id, what]],
  );
  if (used.length > 0) {
    output.line();
    output.table(['NORMALISED', 'RULE', 'WHAT IT PASSES OVER'], used, [0]);
  }
  output.line();
}

/** The directory says who played, the file what. */
function shortName(file: string): string {
  return path.join(path.basename(path.dirname(path.resolve(file))), path.basename(file));
}
