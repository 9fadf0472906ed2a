import { RunStopped } from '../../run/run-stopped.js';
import type { Candidate, StageName } from '../../synth/candidate.js';
import type { Pipeline } from '../../synth/pipeline/pipeline.js';
import { type Price, projectRest } from '../../synth/pipeline/projection.js';
import { stageOf } from '../../synth/pipeline/stage-of.js';
import type { SynthListener } from '../../synth/pipeline/synth-listener.js';
import { REASONS, type Reason } from '../../synth/reasons.js';
import type { StageCosts } from '../../synth/run/stage-costs.js';
import type { SynthSettings } from '../../synth/settings.js';
import { LiveFrame } from '../live-frame.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { dollars } from '../run/limits-bar.js';
import { type FrameState, synthFrame } from './synth-frame.js';

const REDRAW_MS = 500;
/** What is left is reckoned anew. */
const RECKON_MS = 5000;
const DEFAULT_ROWS = 24;
const SHOWN_MESSAGE = 300;

interface Watched {
  pipeline: Pipeline;
  costs: StageCosts;
  settings: SynthSettings;
  sandboxes: number;
  price: Price | null;
}

/** Shows a synthesis while it runs: as a picture that is drawn anew on a terminal, as a line for every event elsewhere. */
export class SynthView implements SynthListener {
  readonly #startedAtMs = performance.now();
  #watched: Watched | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #frame: LiveFrame;
  #ended = 0;
  #isEnding = false;
  #rest: FrameState['rest'] | null = null;
  #reckonedAtMs = 0;

  /** @param isQuiet nothing but what goes wrong is shown */
  constructor(
    private readonly output: Output,
    private readonly isQuiet: boolean,
  ) {
    this.#frame = new LiveFrame(output);
  }

  watch(watched: Watched): void {
    this.#watched = watched;
    if (this.output.isTerminal && !this.isQuiet) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  /** Leaves the last picture where it is. */
  stop(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#rest = null;
    this.#draw();
    this.#frame.keep();
  }

  /** Shows what is to be read whatever else is shown. */
  notice(text: string): void {
    this.#loud(text);
  }

  onMove(candidate: Candidate, from: StageName, { usd, unpriced_calls }: Candidate['spent']): void {
    const { id, state, reason, detail, env_id, attempts } = candidate;
    const isEnd = stageOf(candidate) === null;
    if (isEnd) this.#ended++;
    const price = usd > 0 ? ` (${unpriced_calls > 0 ? 'at least ' : ''}${dollars(usd)})` : '';
    if (!isEnd) {
      const failed = attempts.findLast(({ verdict }) => verdict === 'failed');
      const isBack = from === 'verification' && state === 'generation' && failed !== undefined;
      const again = isBack ? `, attempt ${failed.number + 1} failed: ${failed.fault}` : '';
      this.#say(`${id}  ${from} -> ${state}${again}${price}`);
    } else if (state === 'published') this.#say(`${id}  published as ${env_id}${price}`, 'good');
    else this.#say(`${id}  ${state} in ${from}: ${reason}: ${shownLine(detail ?? '')}${price}`, 'warn');
  }

  onFault({ id }: Candidate, reason: Reason, message: string, waitMs: number | null): void {
    const next = waitMs === null ? 'given up' : `again in ${longDuration(waitMs / 1000)}`;
    this.#say(`${id}  ${REASONS[reason].text}, ${next}: ${shownLine(message)}`, 'warn');
  }

  onBreak({ id }: Candidate, error: Error): void {
    this.#loud(`${id}  stands still, by a fault of this program: ${shownLine(error.message).slice(0, SHOWN_MESSAGE)}`);
  }

  onEnding(why: Error): void {
    this.#isEnding = true;
    // Who stopped it was told so.
    if (!(why instanceof RunStopped)) this.#loud(`Nothing new is begun: ${shownLine(why.message)}`);
  }

  #say(text: string, style?: 'good' | 'warn'): void {
    if (this.output.isTerminal || this.isQuiet) return;
    this.output.line(style ? this.output.style(style, text) : text);
  }

  #loud(text: string): void {
    this.#frame.wipe();
    this.output.line(this.output.style('warn', text));
  }

  #draw(): void {
    if (this.#watched === null) return;
    const { pipeline, costs, settings, sandboxes, price } = this.#watched;
    const snapshot = pipeline.snapshot();
    const nowMs = performance.now();
    if (this.#rest === null || nowMs - this.#reckonedAtMs > RECKON_MS) {
      const { candidates, hasAllTopics } = snapshot;
      const basis = { settings, sandboxes, price, candidates, hasAllTopics, costs: costs.stages };
      this.#rest = projectRest(basis).expected;
      this.#reckonedAtMs = nowMs;
    }
    const { rows = DEFAULT_ROWS } = this.output.stream as { rows?: number };
    const state = { snapshot, settings, rest: this.#rest, ended: this.#ended, nowMs, isEnding: this.#isEnding };
    const lines = synthFrame({ ...state, elapsedMs: nowMs - this.#startedAtMs }, rows, this.output);
    this.#frame.draw(lines);
  }
}
