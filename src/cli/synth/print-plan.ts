import { GATES, GATES_BY_DEFAULT } from '../../synth/gates/gate.js';
import { type Price, type Projection, projectRest } from '../../synth/pipeline/projection.js';
import type { Case } from '../../synth/pipeline/stage-estimate.js';
import { ablationsOf } from '../../synth/run/run-manifest.js';
import type { SynthSettings } from '../../synth/settings.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { dollars, shortCount } from '../run/limits-bar.js';
import type { SandboxCount } from './sandbox-count.js';

/** What is shown before a run. */
export interface Plan {
  settings: SynthSettings;
  price: Price | null;
  sandboxes: SandboxCount;
  /** Directory of the run. */
  out: string;
}

/** Prints what a run will do. */
export function printPlan({ settings, sandboxes, out }: Plan, output: Output): void {
  const { teachers, verification, concurrency, environment, publish } = settings;
  const total = teachers.reduce((sum, { weight }) => sum + weight, 0);
  const share = (weight: number) => (teachers.length > 1 ? ` (${Math.round((100 * weight) / total)} %)` : '');
  const gates = GATES.filter((name) => settings.gates[name] ?? GATES_BY_DEFAULT[name]);
  const off = ablationsOf(settings);
  const episodes = `${verification.agent_episodes} of the agent ${verification.agent}, at most ${verification.agent_max_steps} steps`;
  output.heading('Plan');
  const rows: [string, string][] = [
    ['topics', topicsLine(settings)],
    ['teacher', shownLine(teachers.map(({ model, weight }) => model + share(weight)).join(', '))],
    ['failures', `at most ${settings.debug_iterations} more attempts; repaired with probability ${settings.p_debug}`],
    ['gates', gates.join(' ') || 'none'],
    ['episodes', verification.agent_episodes === 0 ? 'none' : episodes],
    ['tasks run in', `${environment.image}: ${environment.cpus} CPUs, ${environment.gpus} GPUs`],
    [
      'at once',
      `${concurrency.candidates} candidates, ${concurrency.teacher} questions, ${sandboxes.count} sandboxes (${sandboxes.why})`,
    ],
    ['run', out],
    ['pack', publish.pack ?? `${out}/pack`],
    ...(off.length > 0 ? [['ablations', off.join(', ')] as [string, string]] : []),
  ];
  for (const [name, text] of rows) output.line(`  ${name.padEnd(13)} ${text}`);
}

/** Prints what is left to do, as far as it can be told, and against which budget. */
export function printProjection(cases: Record<Case, Projection>, { settings, price }: Plan, output: Output): void {
  output.heading('Projection');
  const { low, expected, high } = cases;
  const row = (name: string, of: (projection: Projection) => string) => [`  ${name}`, of(low), of(expected), of(high)];
  const tokens = (count: number) => shortCount(Math.round(count));
  const rows = [
    row('questions', ({ questions }) => tokens(questions)),
    row('tokens in', ({ input_tokens }) => tokens(input_tokens)),
    row('tokens out', ({ output_tokens }) => tokens(output_tokens)),
    row('dollars', ({ usd }) => (usd === null ? 'unknown' : dollars(Number(usd.toPrecision(3))))),
    row('sandbox-hours', ({ sandbox_hours }) => sandbox_hours.toFixed(1)),
    ...(settings.environment.gpus > 0 ? [row('GPU-hours', ({ gpu_hours }) => gpu_hours.toFixed(1))] : []),
    row('wall-clock', ({ wall_seconds }) => longDuration(wall_seconds)),
  ];
  output.table(['', 'low', 'expected', 'high'], rows, [1, 2, 3]);
  output.line(output.style('faint', '  Reckoned without prompt caches, from published runs of agents on such tasks;'));
  output.line(output.style('faint', '  the averages of the run take their place as they come.'));
  output.line();
  for (const { text, isWarning } of budgetLines(settings, expected, price)) {
    output.line(isWarning ? output.style('warn', text) : text);
  }
}

/** @returns what is left by estimates alone */
export function firstProjection({ settings, sandboxes, price }: Plan): Record<Case, Projection> {
  return projectRest({ settings, sandboxes: sandboxes.count, price });
}

function topicsLine({ topics, topic_list, tasks_per_topic, from_repo }: SynthSettings): string {
  const each = tasks_per_topic === 1 ? 'one task each' : `${tasks_per_topic} tasks each`;
  if (from_repo !== null) {
    const about = from_repo.component === null ? '' : `, ${from_repo.component}`;
    return `${topics} of the code base ${from_repo.path} at ${from_repo.commit.slice(0, 12)}${about}, ${each}`;
  }
  return topic_list.length > 0 ? `${topic_list.length} of your own, ${each}` : `${topics}, ${each}`;
}

function budgetLines(
  { budget }: SynthSettings,
  expected: Projection,
  price: Price | null,
): { text: string; isWarning: boolean }[] {
  const limits = [
    ...(budget.usd === null ? [] : [dollars(budget.usd)]),
    ...(budget.tokens === null ? [] : [`${shortCount(budget.tokens)} tokens`]),
    ...(budget.gpu_hours === null ? [] : [`${budget.gpu_hours} GPU-hours`]),
  ];
  const lines = [];
  if (limits.length > 0) {
    lines.push({
      text: `Budget: ${limits.join(', ')}. The run ends there, and goes on under a higher one.`,
      isWarning: false,
    });
  } else if (price !== null) {
    lines.push({ text: 'No budget is given: nothing limits what is spent. --max-usd sets one.', isWarning: true });
  } else lines.push({ text: 'No budget is given.', isWarning: false });
  if (budget.usd !== null && expected.usd !== null && expected.usd > budget.usd) {
    lines.push({
      text: `It is expected to end before all topics are done: ${dollars(Number(expected.usd.toPrecision(3)))} would do.`,
      isWarning: true,
    });
  }
  return lines;
}
