import { STAGES } from '../../synth/candidate.js';
import { funnelOf } from '../../synth/pipeline/funnel.js';
import type { PipelineSnapshot } from '../../synth/pipeline/pipeline-snapshot.js';
import { type Projection, withSpent } from '../../synth/pipeline/projection.js';
import type { SynthSettings } from '../../synth/settings.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { terminalText } from '../play/terminal-text.js';
import { dollars } from '../run/limits-bar.js';
import { spentLine } from './synth-words.js';

const BAR = 24;
const STAGE_COLUMNS = 13;

/** What a frame shows. */
export interface FrameState {
  snapshot: PipelineSnapshot;
  settings: SynthSettings;
  /** What is left. */
  rest: Projection;
  /** Candidates that ended in this process, and how long it runs. */
  ended: number;
  elapsedMs: number;
  /** `performance.now()` */
  nowMs: number;
  isEnding: boolean;
}

/**
 * Draws a run as it stands.
 * @param rows most lines
 */
export function synthFrame(state: FrameState, rows: number, output: Pick<Output, 'style' | 'columns'>): string[] {
  const { snapshot, settings, rest, ended, elapsedMs, isEnding } = state;
  const funnel = funnelOf(snapshot.candidates);
  const total = withSpent(rest, snapshot.spent).usd;
  const wanted = Math.max(snapshot.candidates.length, snapshot.hasAllTopics ? 0 : wantedCandidates(settings));
  const minutes = elapsedMs / 60_000;
  const rate = ended > 0 ? `${(ended / minutes).toFixed(1)} a minute` : '';
  const time = rest.candidates === 0 ? 'done' : `about ${longDuration(rest.wall_seconds)} left`;
  const left = isEnding ? 'stopping' : time;
  const lines = [
    output.style('heading', `Synthesis: ${snapshot.candidates.length} of ${wanted} candidates`) +
      output.style('faint', `  ${longDuration(elapsedMs / 1000)}, ${left}${rate && `, ${rate}`}`),
    ...STAGES.map((stage, at) => {
      const { entered, passed, rejected, frontier } = funnel.rows[at]!;
      const active = snapshot.underWay.filter((candidate) => candidate.stage === stage).length;
      const done = passed + rejected + frontier;
      const lost = rejected + frontier > 0 ? `, ${rejected + frontier} out` : '';
      const now = active > 0 ? output.style('accent', `, ${active} now`) : '';
      return `${stage.padEnd(STAGE_COLUMNS)} ${bar(done, wanted, output)} ${done}/${entered}${lost}${now}`;
    }),
    `${output.style('good', `${funnel.published} published`)}, ${funnel.frontier} frontier, ${output.style('warn', `${funnel.rejected} rejected`)}, ${funnel.open} open${snapshot.broken > 0 ? `, ${output.style('bad', `${snapshot.broken} broken`)}` : ''}`,
    ...[
      `questions ${places(snapshot.questions)}, sandboxes ${places(snapshot.sandboxes)}`,
      `spent ${spentLine(snapshot.spent, settings)}${total === null || total === 0 ? '' : `; in the end about ${dollars(Number(total.toPrecision(2)))}`}`,
    ].map((line) => line.slice(0, output.columns - 1)),
  ];
  const room = Math.max(0, rows - lines.length - 1);
  return [...lines, ...activeLines(state, room, output)];
}

function activeLines(
  { snapshot, nowMs }: FrameState,
  room: number,
  output: Pick<Output, 'style' | 'columns'>,
): string[] {
  const furthestFirst = [...snapshot.underWay].sort(
    (a, b) => STAGES.indexOf(b.stage) - STAGES.indexOf(a.stage) || a.sinceMs - b.sinceMs,
  );
  const isCut = furthestFirst.length > room;
  const shown = furthestFirst.slice(0, isCut ? Math.max(0, room - 1) : room);
  const lines = shown.map(({ id, stage, doing, sinceMs }) => {
    const time = longDuration((nowMs - sinceMs) / 1000).padStart(7);
    const text = `  ${id.slice(0, 28).padEnd(28)} ${stage.padEnd(12)} ${time}  ${terminalText(doing).replaceAll('\n', ' ')}`;
    return output.style('faint', text.slice(0, output.columns - 1));
  });
  if (isCut && room > 0) lines.push(output.style('faint', `  and ${furthestFirst.length - shown.length} more`));
  return lines;
}

function bar(done: number, total: number, output: Pick<Output, 'style'>): string {
  const filled = total === 0 ? 0 : Math.min(BAR, Math.round((BAR * done) / total));
  return output.style('good', '\u2588'.repeat(filled)) + output.style('faint', '\u2591'.repeat(BAR - filled));
}

function places({ inside, waiting, places }: PipelineSnapshot['questions']): string {
  return `${inside} of ${places}${waiting > 0 ? ` (${waiting} wait)` : ''}`;
}

/** @returns candidates that a run is to have */
function wantedCandidates({ topics, topic_list, tasks_per_topic }: SynthSettings): number {
  return (topic_list.length > 0 ? topic_list.length : topics) * tasks_per_topic;
}
