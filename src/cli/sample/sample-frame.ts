import type { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import type { SamplerSnapshot, TaskProgress } from '../../rollout/sampling/sampler-snapshot.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { dollars } from '../run/limits-bar.js';
import { sampleSpentLine } from './sample-words.js';

const BAR = 24;
const NAME_COLUMNS = 36;

/** What a frame shows. */
export interface SampleFrameState {
  snapshot: SamplerSnapshot;
  budget: SampleSettings['budget'];
  /** Attempts that were done in this process, and how long it runs. */
  ended: number;
  elapsedMs: number;
  /** Of all processes. */
  wallSeconds: number;
  /** `performance.now()` */
  nowMs: number;
  isEnding: boolean;
}

type Style = Pick<Output, 'style' | 'columns'>;

/**
 * Draws a run of sampling as it stands: all of it, models, servers, the tasks that are being played, the episodes under way.
 * @param rows most lines
 */
export function sampleFrame(state: SampleFrameState, rows: number, output: Style): string[] {
  const { snapshot } = state;
  const all = sumOf(snapshot.tasks);
  const head = [
    headline(state, all, output),
    `${bar(all, output)} ${output.style('good', `${all.valid} valid`)}, ${all.done - all.valid} without a valid submission${all.failed > 0 ? `, ${output.style('bad', `${all.failed} given up`)}` : ''}${all.faults > 0 ? `, ${output.style('warn', `${all.faults} faults of others`)}` : ''}`,
    ...[...snapshot.models.map(modelLine), ...snapshot.servers.map(serverLine), moneyLine(state, all)].map((line) =>
      line.slice(0, output.columns - 1),
    ),
  ];
  const room = Math.max(0, rows - head.length - 1);
  const active = snapshot.tasks.filter(({ running }) => running > 0);
  const forTasks = Math.min(active.length, Math.max(1, Math.ceil(room * 0.6)));
  const tasks = taskLines(snapshot.tasks, active.slice(0, forTasks), output);
  return [...head, ...tasks.slice(0, room), ...episodeLines(state, Math.max(0, room - tasks.length), output)];
}

function sumOf(tasks: readonly TaskProgress[]): TaskProgress {
  const sum = { task: '', attempts: 0, open: 0, running: 0, done: 0, failed: 0, valid: 0, faults: 0 };
  for (const task of tasks) {
    for (const name of ['attempts', 'open', 'running', 'done', 'failed', 'valid', 'faults'] as const)
      sum[name] += task[name];
  }
  return sum;
}

function headline({ ended, elapsedMs, isEnding }: SampleFrameState, all: TaskProgress, output: Style): string {
  const perHour = (ended * 3_600_000) / Math.max(1, elapsedMs);
  const rest = all.open + all.running;
  const rate =
    ended === 0 ? '' : perHour < 100 ? `, ${perHour.toFixed(1)} an hour` : `, ${Math.round(perHour)} an hour`;
  const left =
    rest === 0
      ? 'done'
      : ended === 0
        ? 'no episode has ended yet'
        : `about ${longDuration((rest * 3600) / perHour)} left`;
  const title = output.style('heading', `Sampling: ${all.done} of ${all.attempts} attempts`);
  return `${title}${output.style('faint', `  ${longDuration(elapsedMs / 1000)}, ${isEnding ? 'stopping' : left}${rate}`)}`;
}

function modelLine({
  name,
  inside,
  limit,
  waiting,
  pausedMs,
  rate,
  silentMs,
  lastFault,
}: SamplerSnapshot['models'][number]): string {
  const parts = [
    `${inside}${limit === null ? '' : ` of ${limit}`} questions`,
    ...(waiting > 0 ? [`${waiting} wait`] : []),
    ...(rate === null ? [] : [`${rate.toPrecision(2)} a second`]),
    ...(pausedMs > 0 ? [`paused for ${longDuration(pausedMs / 1000)}`] : []),
    ...(silentMs !== null && lastFault !== null
      ? [`no answer since ${longDuration(silentMs / 1000)}: ${shownLine(lastFault)}`]
      : []),
  ];
  return `model  ${shownLine(name)}  ${parts.join(', ')}`;
}

function serverLine({ url, underWay, capacity, gpusHeld, state }: SamplerSnapshot['servers'][number]): string {
  const gpus = gpusHeld > 0 ? `, ${gpusHeld} GPUs` : '';
  return `server ${shownLine(url)}  ${underWay}${capacity === null ? '' : ` of ${capacity}`} episodes${gpus}${state === 'open' ? '' : `, ${state}`}`;
}

function moneyLine({ snapshot: { spent }, wallSeconds, budget }: SampleFrameState, all: TaskProgress): string {
  const share = all.attempts === 0 ? 0 : (all.done + all.failed) / all.attempts;
  const total =
    share > 0 && share < 1 && spent.usd > 0
      ? `; in the end about ${dollars(Number((spent.usd / share).toPrecision(2)))}`
      : '';
  return `spent  ${sampleSpentLine(spent, wallSeconds, budget)}${total}`;
}

/** Tasks that are being played have a line each; of the others there is one. */
function taskLines(tasks: readonly TaskProgress[], shown: readonly TaskProgress[], output: Style): string[] {
  const lines = shown.map((task) => {
    const { done, valid, attempts, running, failed } = task;
    const counts = `${done}/${attempts}, ${valid} valid${failed > 0 ? `, ${failed} given up` : ''}`;
    return `${shownLine(task.task).slice(0, NAME_COLUMNS).padEnd(NAME_COLUMNS)} ${bar(task, output)} ${counts}${output.style('accent', `, ${running} now`)}`;
  });
  const others = tasks.filter((task) => !shown.includes(task));
  if (others.length === 0) return lines;
  const isDone = ({ open, running }: TaskProgress) => open + running === 0;
  const done = others.filter(isDone).length;
  const untouched = others.filter((task) => task.open === task.attempts).length;
  const words = [
    ...(done > 0 ? [`${done} done`] : []),
    ...(untouched > 0 ? [`${untouched} not begun`] : []),
    ...(others.length - done - untouched > 0 ? [`${others.length - done - untouched} begun`] : []),
  ];
  return [...lines, output.style('faint', `${shown.length === 0 ? '' : 'other '}tasks: ${words.join(', ')}`)];
}

function episodeLines({ snapshot: { underWay }, nowMs }: SampleFrameState, room: number, output: Style): string[] {
  const longestFirst = [...underWay].sort((a, b) => a.sinceMs - b.sinceMs);
  const isCut = longestFirst.length > room;
  const shown = longestFirst.slice(0, isCut ? Math.max(0, room - 1) : room);
  const lines = shown.map(({ id, step, doing, sinceMs }) => {
    const time = longDuration((nowMs - sinceMs) / 1000).padStart(7);
    const text = `  ${shownLine(id).slice(-NAME_COLUMNS).padEnd(NAME_COLUMNS)} step ${String(step).padStart(3)} ${time}  ${shownLine(doing)}`;
    return output.style('faint', text.slice(0, output.columns - 1));
  });
  if (isCut && room > 0) lines.push(output.style('faint', `  and ${longestFirst.length - shown.length} more`));
  return lines;
}

/** Valid ones, then those without a valid submission, given-up ones, and what is open. */
function bar({ attempts, valid, done, failed }: TaskProgress, output: Style): string {
  const columns = (count: number) => (attempts === 0 ? 0 : Math.round((BAR * count) / attempts));
  const good = columns(valid);
  const other = Math.max(0, columns(done) - good);
  const bad = Math.max(0, columns(done + failed) - good - other);
  const open = Math.max(0, BAR - good - other - bad);
  return (
    output.style('good', '\u2588'.repeat(good)) +
    output.style('warn', '\u2593'.repeat(other)) +
    output.style('bad', '\u2592'.repeat(bad)) +
    output.style('faint', '\u2591'.repeat(open))
  );
}
