import type { TaskSummary } from '../../protocol/index.js';
import { playerNames } from '../../rollout/sampling/player-names.js';
import { CASES, type SamplingProjection } from '../../rollout/sampling/project-sampling.js';
import type { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { dollars, shortCount } from '../run/limits-bar.js';

const NAMED_TASKS = 6;

/** What is shown before a run. */
export interface SamplePlan {
  settings: SampleSettings;
  tasks: readonly Pick<TaskSummary, 'task' | 'gpus'>[];
  /** Of the whole run. */
  attempts: number;
  /** Where episodes run, in words. */
  where: string;
  atOnce: { count: number; isAsked: boolean };
  /** Directory of the run. */
  out: string;
}

/** Prints what a run will do. */
export function printSamplePlan({ settings, tasks, attempts, where, atOnce, out }: SamplePlan, output: Output): void {
  const { players, players_per_attempt, limits } = settings;
  const names = playerNames(players);
  const total = players.reduce((sum, { weight }) => sum + weight, 0);
  const share = (weight: number) =>
    players.length === 1
      ? ''
      : players_per_attempt === 'all'
        ? ' (every attempt)'
        : ` (${Math.round((100 * weight) / total)} %)`;
  const shown = tasks.slice(0, NAMED_TASKS).map(({ task }) => task);
  const more = tasks.length > NAMED_TASKS ? ` and ${tasks.length - NAMED_TASKS} more` : '';
  const most = [
    `${limits.steps ?? "the task's"} steps`,
    ...(limits.usd > 0 ? [dollars(limits.usd)] : []),
    ...(limits.tokens > 0 ? [`${shortCount(limits.tokens)} tokens`] : []),
    ...(limits.seconds > 0 ? [longDuration(limits.seconds)] : []),
  ];
  const each = players_per_attempt === 'all' && players.length > 1 ? `, by each of ${players.length} models` : '';
  const rows: [string, string][] = [
    ['tasks', `${tasks.length}: ${shownLine(shown.join(' '))}${more}`],
    ['attempts', `${settings.attempts} at each task${each}: ${attempts} in all`],
    [
      'players',
      players
        .map(
          ({ model, weight }, at) =>
            `${shownLine(model)}${model === names[at] ? '' : ` as ${names[at]}`}${share(weight)}`,
        )
        .join(', '),
    ],
    ['agents', [...new Set(players.map(({ agent }) => agent))].join(', ')],
    ['an episode', `at most ${most.join(', ')}`],
    ['where', where],
    [
      'at once',
      `up to ${atOnce.count} episodes${atOnce.isAsked ? '' : ', as far as is known; it follows what the servers hold'}`,
    ],
    ['run', out],
  ];
  output.heading('Plan');
  for (const [name, text] of rows) output.line(`  ${name.padEnd(11)} ${text}`);
}

/** Prints what is left to do, as far as it can be told, and against which budget. */
export function printSampleProjection(
  cases: Record<(typeof CASES)[number], SamplingProjection>,
  { settings: { budget }, tasks }: SamplePlan,
  isMeasured: boolean,
  output: Output,
): void {
  output.heading('Projection');
  const shown = isMeasured ? (['expected'] as const) : CASES;
  const row = (name: string, of: (projection: SamplingProjection) => string) => [
    `  ${name}`,
    ...shown.map((one) => of(cases[one])),
  ];
  const tokens = (count: number) => shortCount(Math.round(count));
  const rows = [
    row('questions', ({ questions }) => tokens(questions)),
    row('tokens in', ({ input_tokens }) => tokens(input_tokens)),
    row('tokens out', ({ output_tokens }) => tokens(output_tokens)),
    row('dollars', ({ usd }) => (usd === null ? 'unknown' : dollars(Number(usd.toPrecision(3))))),
    ...(tasks.some(({ gpus }) => gpus > 0) ? [row('GPU-hours', ({ gpu_hours }) => gpu_hours.toFixed(1))] : []),
    row('wall-clock', ({ wall_seconds }) => longDuration(wall_seconds)),
  ];
  output.table(['', ...shown], rows, [1, 2, 3]);
  const basis = isMeasured
    ? '  By the mean of the episodes that were played.'
    : '  Reckoned without prompt caches, from published runs of agents on such tasks; the run tells how it goes.';
  output.line(output.style('faint', basis));
  output.line();
  const { expected } = cases;
  const limits = [
    ...(budget.usd === null ? [] : [dollars(budget.usd)]),
    ...(budget.tokens === null ? [] : [`${shortCount(budget.tokens)} tokens`]),
    ...(budget.gpu_hours === null ? [] : [`${budget.gpu_hours} GPU-hours`]),
    ...(budget.hours === null ? [] : [longDuration(budget.hours * 3600)]),
  ];
  if (limits.length > 0)
    output.line(`Budget: ${limits.join(', ')}. The run ends there, and goes on under a higher one.`);
  else if (expected.usd !== null && expected.usd > 0) {
    output.line(output.style('warn', 'No budget is given: nothing limits what is spent. --max-usd sets one.'));
  } else output.line('No budget is given.');
  if (budget.usd !== null && expected.usd !== null && expected.usd > budget.usd) {
    output.line(
      output.style(
        'warn',
        `It is expected to end before all attempts are done: ${dollars(Number(expected.usd.toPrecision(3)))} would do.`,
      ),
    );
  }
}
