import type { SampleListener } from '../../rollout/sampling/sample-listener.js';
import type { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import type { SamplerSnapshot } from '../../rollout/sampling/sampler-snapshot.js';
import { RunStopped } from '../../run/run-stopped.js';
import type { Attempt, Outcome, TryEnd } from '../../store/attempt.js';
import { LiveFrame } from '../live-frame.js';
import { longDuration } from '../long-duration.js';
import type { Output } from '../output.js';
import { formatScore } from '../play/play-turn.js';
import { shownLine } from '../play/terminal-text.js';
import { dollars, duration } from '../run/limits-bar.js';
import { sampleFrame } from './sample-frame.js';

const REDRAW_MS = 500;
const DEFAULT_ROWS = 24;
const SHOWN_MESSAGE = 300;
/** Lines of events in such a time; what is beyond is counted in one line. */
const EVENTS_PER_WINDOW = 20;
const WINDOW_MS = 10_000;

/** What is watched. */
interface Watched {
  snapshot: () => SamplerSnapshot;
  budget: SampleSettings['budget'];
  /** Of all earlier processes. */
  wallSeconds: number;
}

/** Where lines for programs go. */
export interface SampleOutputs {
  output: Output;
  isQuiet: boolean;
  /** Takes a line of JSON for every event; null: nobody reads them. */
  json: ((event: Record<string, unknown>) => void) | null;
}

/** Shows a run of sampling: as a picture that is drawn anew on a terminal, as lines elsewhere, no more of them than people can read. */
export class SampleView implements SampleListener {
  readonly #startedAtMs = performance.now();
  readonly #frame: LiveFrame;
  #watched: Watched | null = null;
  #timer: NodeJS.Timeout | null = null;
  #ended = 0;
  #isEnding = false;
  #window = { sinceMs: 0, shown: 0, untold: 0 };

  constructor(private readonly outputs: SampleOutputs) {
    this.#frame = new LiveFrame(outputs.output);
  }

  watch(watched: Watched): void {
    this.#watched = watched;
    const { output, isQuiet } = this.outputs;
    if (output.isTerminal && !isQuiet) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  /** Leaves the last picture where it is. */
  stop(): void {
    this.#tellUntold();
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#draw();
    this.#frame.keep();
  }

  /** Shows what is to be read whatever else is shown. */
  notice(text: string): void {
    this.#frame.wipe();
    const { output } = this.outputs;
    output.line(output.style('warn', text));
  }

  onEpisode(attempt: Attempt, outcome: Outcome): void {
    this.#ended++;
    const { exit_status, steps, best, last, baseline, improves, valid, usd, seconds } = outcome;
    this.#json('episode', { attempt: attempt.id, ...outcome });
    const score =
      best === null
        ? 'no valid submission'
        : `best ${formatScore(best)}${baseline === null ? '' : ` (baseline ${formatScore(baseline)})`}`;
    const text = `${attempt.id}  ${shownLine(exit_status || outcome.stop)}, ${steps} steps, ${score}${last === null && best !== null ? ', the last one without a score' : ''}, ${duration(seconds)}${usd > 0 ? `, ${dollars(usd)}` : ''}`;
    this.#event(text, improves ? 'good' : valid === 0 ? 'warn' : undefined);
  }

  onFault(attempt: Attempt, end: Exclude<TryEnd, 'result'>, message: string, waitMs: number | null): void {
    this.#json('fault', { attempt: attempt.id, end, message, wait_ms: waitMs });
    const next = waitMs === null ? 'given up' : waitMs === 0 ? 'again' : `again in ${longDuration(waitMs / 1000)}`;
    this.#event(`${attempt.id}  ${end}, ${next}: ${shownLine(message).slice(0, SHOWN_MESSAGE)}`, 'warn');
  }

  onAdopted(attempt: Attempt): void {
    this.#json('adopted', { attempt: attempt.id });
    this.#event(`${attempt.id}  was played to its end before, and is taken in`);
  }

  onNotice(text: string): void {
    this.#json('notice', { text });
    if (!this.outputs.isQuiet) this.notice(shownLine(text).slice(0, SHOWN_MESSAGE));
  }

  onEnding(why: Error): void {
    this.#isEnding = true;
    this.#json('ending', { why: why.message });
    // Who stopped it was told so.
    if (!(why instanceof RunStopped)) this.notice(`Nothing new is begun: ${shownLine(why.message)}`);
  }

  #json(event: string, fields: Record<string, unknown>): void {
    this.outputs.json?.({ event, ...fields });
  }

  #event(text: string, style?: 'good' | 'warn'): void {
    const { output, isQuiet } = this.outputs;
    if (output.isTerminal || isQuiet) return;
    const nowMs = performance.now();
    if (nowMs - this.#window.sinceMs > WINDOW_MS) {
      this.#tellUntold();
      this.#window = { sinceMs: nowMs, shown: 0, untold: 0 };
    }
    if (this.#window.shown >= EVENTS_PER_WINDOW) {
      this.#window.untold++;
      return;
    }
    this.#window.shown++;
    output.line(style ? output.style(style, text) : text);
  }

  #tellUntold(): void {
    const { untold } = this.#window;
    if (untold === 0) return;
    this.#window.untold = 0;
    const { done, attempts } = this.#counts();
    this.outputs.output.line(`and ${untold} more events; ${done} of ${attempts} attempts are done`);
  }

  #counts(): { done: number; attempts: number } {
    const tasks = this.#watched?.snapshot().tasks ?? [];
    return {
      done: tasks.reduce((sum, task) => sum + task.done, 0),
      attempts: tasks.reduce((sum, task) => sum + task.attempts, 0),
    };
  }

  #draw(): void {
    if (this.#watched === null) return;
    const { snapshot, budget, wallSeconds } = this.#watched;
    const { output } = this.outputs;
    const { rows = DEFAULT_ROWS } = output.stream as { rows?: number };
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.#startedAtMs;
    const state = { snapshot: snapshot(), budget, ended: this.#ended, elapsedMs, nowMs, isEnding: this.#isEnding };
    this.#frame.draw(sampleFrame({ ...state, wallSeconds: wallSeconds + elapsedMs / 1000 }, rows, output));
  }
}
