import type { AgentListener } from '../../agent/agent-listener.js';
import type { AgentRun, AgentStep } from '../../agent/agent-run.js';
import type { HistoryItem } from '../../agent/history/history-item.js';
import type { Spent } from '../../run/spent.js';
import type { Attempt } from '../../store/attempt.js';
import type { Ledger } from '../../store/ledger.js';
import type { EpisodeUnderWay } from './sampler-snapshot.js';
import type { Place } from './server-room.js';

/** What a try tells while it is played. */
export interface TryingHost {
  ledger: Ledger;
  /** Address of the server. */
  server: string | null;
  place: Place;
  /** There is an episode. */
  onStart(): void;
  /** A round is over. @returns what the try took so far */
  onRound(run: AgentRun, hasAnswered: boolean): Spent;
}

/** A try from its reset on: the ledger knows it as soon as there is an episode. */
export class Trying implements AgentListener {
  /** Of the try; null: it has not begun. */
  number: number | null = null;
  /** As far as it came. */
  run: AgentRun | null = null;
  /** What this side could not do; the try is dropped then. */
  fault: Error | null = null;
  readonly underWay: EpisodeUnderWay;
  readonly #drop = new AbortController();

  constructor(
    private readonly attempt: Attempt,
    private readonly host: TryingHost,
  ) {
    this.underWay = { id: attempt.id, step: 0, doing: 'starts', sinceMs: performance.now() };
  }

  /** Who plays. */
  get player(): string {
    return this.attempt.model;
  }

  get signal(): AbortSignal {
    return this.#drop.signal;
  }

  /** Notes a try of which no episode came. @throws StoreError, StorageFault */
  begin(episodeId: string | null = null): number {
    const started_at = new Date().toISOString();
    this.number ??= this.host.ledger.beginTry(this.attempt.id, {
      server: this.host.server,
      episode_id: episodeId,
      started_at,
    });
    return this.number;
  }

  onStart(run: AgentRun): void {
    this.run = run;
    this.host.place.started();
    this.#keep(() => {
      this.begin(run.episodeId);
      this.host.onStart();
    });
  }

  onPrompt(_prompt: HistoryItem, { step }: { step: number }): void {
    this.underWay.step = step;
    this.#does('asks the model');
  }

  onAction(_thought: string, action: string): void {
    this.#does(/^\s*(?:submit|validate)\b/.test(action) ? 'scores' : 'acts');
  }

  onStep({ calls }: AgentStep, run: AgentRun): void {
    this.run = run;
    this.underWay.step = run.steps.length;
    const hasAnswered = calls.some(({ output_tokens }) => output_tokens > 0);
    const spent = this.host.onRound(run, hasAnswered);
    if (this.number === null) return;
    this.#keep(() => this.host.ledger.noteSpent(this.attempt.id, this.number!, spent));
  }

  /** What cannot be kept ends the try. */
  #keep(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fault = error as Error;
      this.#drop.abort(error);
    }
  }

  #does(doing: string): void {
    this.underWay.doing = doing;
    this.underWay.sinceMs = performance.now();
  }
}
