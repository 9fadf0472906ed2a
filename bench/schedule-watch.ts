import type { Candidate } from '../src/synth/candidate.js';
import type { StagePowers } from '../src/synth/pipeline/pipeline-options.js';
import type { SynthListener } from '../src/synth/pipeline/synth-listener.js';

/** Something that took a place: asked for, had, given back; milliseconds of `performance.now()`. */
interface Span {
  id: string;
  kind: 'question' | 'sandbox';
  askedAtMs: number;
  beganAtMs: number;
  endedAtMs: number;
}

/** What no schedule can be faster than, and why; milliseconds. */
export interface LowerBound {
  chainMs: number;
  sandboxMs: number;
  questionMs: number;
  boundMs: number;
}

/** Sees every question and sandbox of a run, and when candidates begin and end. */
export class ScheduleWatch implements SynthListener {
  readonly #spans: Span[] = [];
  readonly #known = new Map<string, number>();
  /** How long candidates waited to be begun. */
  readonly #admission = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  readonly #startedAtMs = performance.now();

  onCandidate({ id }: Candidate): void {
    this.#known.set(id, performance.now());
  }

  onStage({ id }: Candidate): void {
    if (!this.#admission.has(id)) this.#admission.set(id, performance.now() - (this.#known.get(id) ?? 0));
  }

  onMove({ id }: Candidate): void {
    this.#ended.set(id, performance.now());
  }

  watch = ({ id }: Candidate, powers: StagePowers): StagePowers => ({
    ...powers,
    meter: {
      ask: (work, signal) => this.#timed(id, 'question', work, (timed) => powers.meter.ask(timed, signal)),
      charge: (cost) => powers.meter.charge(cost),
    },
    inSandbox: (work) => this.#timed(id, 'sandbox', work, (timed) => powers.inSandbox(timed)),
  });

  /**
   * max(longest chain; earliest sandbox + sandbox time / places + least tail; question time / places). Waits for a turn are taken out of
   * everything that they are part of.
   */
  lowerBound(places: { questions: number; sandboxes: number }): LowerBound {
    const sandboxes = this.#spans.filter(({ kind }) => kind === 'sandbox');
    const questions = this.#spans.filter(({ kind }) => kind === 'question');
    const chains = [...this.#ended].map(([id, endedAtMs]) => {
      const waits = this.#spans
        .filter((span) => span.id === id)
        .reduce((sum, span) => sum + wait(span), this.#admission.get(id) ?? 0);
      return endedAtMs - this.#startedAtMs - waits;
    });
    // A question of an episode waits while its sandbox is held.
    const heldInVain = questions
      .filter((question) => sandboxes.some((sandbox) => sandbox.id === question.id && isInside(question, sandbox)))
      .reduce((sum, question) => sum + wait(question), 0);
    const worked = sandboxes.reduce((sum, span) => sum + span.endedAtMs - span.beganAtMs, 0) - heldInVain;
    const earliest = least(sandboxes.map(({ askedAtMs }) => askedAtMs - this.#startedAtMs));
    const last = new Map<string, number>();
    for (const { id, endedAtMs } of sandboxes) last.set(id, Math.max(last.get(id) ?? 0, endedAtMs));
    const tail = least([...last].map(([id, endedAtMs]) => (this.#ended.get(id) ?? endedAtMs) - endedAtMs));
    const answered = questions.reduce((sum, span) => sum + span.endedAtMs - span.beganAtMs, 0);
    const chainMs = Math.max(0, ...chains);
    const sandboxMs = earliest + worked / places.sandboxes + tail;
    const questionMs = answered / places.questions;
    return { chainMs, sandboxMs, questionMs, boundMs: Math.max(chainMs, sandboxMs, questionMs) };
  }

  /** Share of the sandboxes' time that work was in them, from the first to the last. */
  occupancy(places: number): number {
    const sandboxes = this.#spans.filter(({ kind }) => kind === 'sandbox');
    const from = least(sandboxes.map(({ beganAtMs }) => beganAtMs));
    const to = Math.max(...sandboxes.map(({ endedAtMs }) => endedAtMs));
    const worked = sandboxes.reduce((sum, span) => sum + span.endedAtMs - span.beganAtMs, 0);
    return worked / ((to - from) * places);
  }

  get counts(): { questions: number; sandboxes: number } {
    const sandboxes = this.#spans.filter(({ kind }) => kind === 'sandbox').length;
    return { questions: this.#spans.length - sandboxes, sandboxes };
  }

  async #timed<T>(
    id: string,
    kind: Span['kind'],
    work: () => Promise<T>,
    pass: (timed: () => Promise<T>) => Promise<T>,
  ): Promise<T> {
    const askedAtMs = performance.now();
    return pass(async () => {
      const beganAtMs = performance.now();
      try {
        return await work();
      } finally {
        this.#spans.push({ id, kind, askedAtMs, beganAtMs, endedAtMs: performance.now() });
      }
    });
  }
}

function wait({ askedAtMs, beganAtMs }: Span): number {
  return beganAtMs - askedAtMs;
}

function isInside(inner: Span, outer: Span): boolean {
  return inner.askedAtMs >= outer.beganAtMs && inner.endedAtMs <= outer.endedAtMs;
}

function least(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : Math.min(...numbers);
}
