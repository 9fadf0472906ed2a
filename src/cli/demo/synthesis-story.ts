import type { Candidate, StageName } from '../../synth/candidate.js';
import type { SynthListener } from '../../synth/pipeline/synth-listener.js';
import { REASONS } from '../../synth/reasons.js';
import type { Output } from '../output.js';
import { formatScore } from '../play/play-turn.js';
import { shownLine } from '../play/terminal-text.js';

const MAX_DETAIL = 110;

/** Tells in whole sentences how topics become tasks, for somebody who sees it for the first time. */
export class SynthesisStory implements SynthListener {
  readonly #startedAtMs = performance.now();

  constructor(private readonly output: Output) {}

  onCandidate({ topic }: Candidate): void {
    this.#say(topic.title, `a topic: ${topic.area}, ${topic.problem}`);
  }

  onMove(candidate: Candidate, from: StageName): void {
    const { topic, state, env_id } = candidate;
    if (state === 'rejected' || state === 'frontier')
      this.#say(topic.title, this.output.style('warn', ended(candidate)));
    else if (from === 'proposal') this.#say(topic.title, proposed(candidate));
    else if (from === 'grounding') this.#say(topic.title, grounded(candidate));
    else if (from === 'verification')
      this.#say(topic.title, state === 'generation' ? failed(candidate) : passed(candidate));
    else if (from === 'publishing') this.#say(topic.title, this.output.style('good', `published as ${env_id}`));
  }

  onBreak({ topic }: Candidate, error: Error): void {
    this.#say(topic.title, this.output.style('bad', shownLine(error.message)));
  }

  #say(title: string, text: string): void {
    const seconds = ((performance.now() - this.#startedAtMs) / 1000).toFixed(1);
    this.output.line(`${this.output.style('faint', `${seconds.padStart(5)} s`)}  ${title}: ${text}`);
  }
}

function proposed({ proposal }: Candidate): string {
  return `proposed: ${proposal?.name}, measured by ${proposal?.metric.name}`;
}

function failed({ attempts }: Candidate): string {
  const last = attempts.findLast(({ verdict }) => verdict === 'failed');
  const next = attempts.at(-1)?.how === 'repair' ? 'the teacher gets the evidence' : 'the teacher begins anew';
  return `the programs fail, ${next}: ${cut(last?.detail ?? last?.fault ?? '')}`;
}

function passed({ attempts, baseline, episodes }: Candidate): string {
  const gates = attempts.at(-1)?.gates.filter(({ verdict }) => verdict === 'pass').length;
  const best = episodes[0]?.score;
  const played = best == null ? '' : `, the teacher reaches ${formatScore(best)}`;
  return `passes ${gates} gates; the baseline scores ${formatScore(baseline?.mean ?? 0)}${played}`;
}

function ended({ state, reason, detail }: Candidate): string {
  return `${state}: ${reason ? REASONS[reason].text : ''}: ${cut(detail ?? '')}`;
}

function grounded({ grounding }: Candidate): string {
  const { dataset, train_rows, test_rows } = grounding ?? { dataset: null, train_rows: 0, test_rows: 0 };
  if (!dataset) return 'needs no dataset';
  return `grounded in ${dataset.repo} at ${dataset.revision.slice(0, 7)}: ${train_rows} rows to learn from, ${test_rows} hidden`;
}

function cut(text: string): string {
  const line = shownLine(text);
  return line.length > MAX_DETAIL ? `${line.slice(0, MAX_DETAIL)}…` : line;
}
