import { barsFile } from '../../../page/bars-file.js';
import { columnsFile } from '../../../page/columns-file.js';
import { writeNumber } from '../../../page/figure.js';
import { profileFile } from '../../../page/profile.js';
import { attemptParts } from './attempt-parts.js';
import { binName } from './bin-name.js';
import type { SampleReport } from './sample-report.js';

/** Bars of a plot; what is more is left to the tables. */
const MAX_BARS = 60;

/** @returns plots of a report by the names of their files, each of which stands alone */
export function samplePlots({ tasks, models, distribution, exits, faults }: SampleReport): Record<string, string> {
  const compared = tasks
    .filter(({ improvement }) => improvement !== null)
    .toSorted((a, b) => b.improvement! - a.improvement!);
  return {
    'valid-per-task.svg': profileFile(
      'Attempts at each task',
      'tasks, those with the most valid trajectories first',
      tasks.map((sums) => ({ name: sums.task, parts: attemptParts(sums) })),
    ),
    'valid-distribution.svg': columnsFile(
      'Tasks by valid trajectories',
      'valid trajectories of a task',
      distribution.histogram.map((bin) => ({
        name: binName(bin),
        parts: [{ label: 'tasks', kind: bin.from === 0 ? 'bad' : 'good', value: bin.tasks }],
      })),
    ),
    'improvement.svg': barsFile(
      'Best score against the baseline',
      compared.slice(0, MAX_BARS).map(({ task, baseline, best, improvement }) => ({
        name: task,
        parts: [
          { label: 'better', kind: 'good', value: clipped(improvement!) },
          { label: 'worse', kind: 'bad', value: clipped(-improvement!) },
        ],
        number: `${writeNumber(baseline!, 'number')} → ${writeNumber(best!, 'number')}`,
      })),
    ),
    'exit-statuses.svg': barsFile(
      'How episodes ended',
      exits.slice(0, MAX_BARS).map(({ exit_status, stop, count }) => ({
        name: exit_status === stop ? stop : `${exit_status}, ${stop}`,
        parts: [{ label: 'episodes', kind: 'plain', value: count }],
      })),
    ),
    'faults.svg': barsFile(
      'Tries that came to nothing',
      faults.slice(0, MAX_BARS).map(({ end, code, count }) => ({
        name: code === '' ? end : `${end}: ${code}`,
        parts: [{ label: 'tries', kind: 'bad', value: count }],
      })),
    ),
    'models.svg': barsFile(
      'Attempts of each model',
      models.map((sums) => ({
        name: sums.model,
        parts: attemptParts(sums),
        number: `${sums.attempts}, ${costOf(sums.spent)}`,
      })),
    ),
  };
}

/** Of the baseline, at most all of it: one task that is ten times better would hide the others. */
function clipped(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function costOf({ usd, unpriced_calls }: { usd: number; unpriced_calls: number }): string {
  if (unpriced_calls === 0) return writeNumber(usd, 'usd');
  return usd === 0 ? 'cost unknown' : `at least ${writeNumber(usd, 'usd')}`;
}
