import { LearnedPlaces } from './learned-places.js';
import { PacedRate } from './paced-rate.js';
import type { RequestEnd } from './request-end.js';
import { type RetryClock, SYSTEM_CLOCK } from './retry-policy.js';
import { ToldBudget } from './told-budget.js';
import { toldLimit } from './told-limits.js';

/** Requests at once before anything is known; it doubles with every round of answers. */
const FIRST_LIMIT = 64;
/** Requests in a row without an answer from which the endpoint counts as down: only one at a time finds out whether it still is. */
const DOWN_AFTER = 5;
/** From so many refusals in a row on that each came where more were under way than were ever answered. */
const SURE_OF_PLACES = 3;
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 60_000;
/** The first rate is what was sent within such a time. */
const RATE_WINDOW_MS = 10_000;
const LEAST_WINDOW_MS = 100;
/** What is left of the proven number after an answer. */
const FORGETTING = 0.999;
/** Weight of one answer in the mean of tokens. */
const TOKEN_WEIGHT = 0.1;

/** How a gate stands. */
export interface GateSnapshot {
  /** Requests that may be under way at once, as far as it is known; null: as many as come. */
  limit: number | null;
  inside: number;
  waiting: number;
  /** Milliseconds until the next one may go; 0: now. */
  pausedMs: number;
  /** Requests a second that it takes, learned or told; null: nothing was refused yet, and nothing told. */
  rate: number | null;
  answered: number;
  refused: number;
  failed: number;
  /** Milliseconds since the first of the requests without an answer, when none came since; null: the last one had one. */
  silentMs: number | null;
  /** What was said to the last one that had no answer. */
  lastFault: string | null;
}

/** Leave to send one request. */
export interface GatePass {
  /** Headers came, with whatever status. */
  told(headers: Headers): void;
  /** It is over. Called once. */
  leave(end: RequestEnd): void;
}

interface Waiter {
  go: (pass: GatePass) => void;
}

/** What is known of a request under way. */
interface Sent {
  number: number;
  atMs: number;
  /** It took the last place: its answer says that there may be more. */
  tookLast: boolean;
  /** How many were under way with it when it was sent. */
  among: number;
  /** Cuts of the limits before it was sent. */
  cuts: number;
  placeCuts: number;
  wasTold: boolean;
}

/**
 * How many requests may be under way at an endpoint, and how many a second: learned from what it refuses, read from what it tells, and
 * shared by everybody who asks it. First come, first served. What it asks one to wait, all wait; while it is down, one request at a time
 * finds out.
 */
export class RequestGate {
  readonly #waiting: Waiter[] = [];
  readonly #places = new LearnedPlaces(FIRST_LIMIT);
  readonly #rate = new PacedRate();
  readonly #requests = new ToldBudget();
  readonly #tokens = new ToldBudget();
  readonly #departures: number[] = [];
  #inside = 0;
  #sent = 0;
  #cuts = 0;
  #placeCuts = 0;
  /** Refusals in a row of more than was ever answered. */
  #ofPlaces = 0;
  /** The refusal with which the stretch began in which the rate is measured. */
  #stretch: { number: number; atMs: number; refused: number } | null = null;
  #meanTokens = 0;
  /** The most at once of which the last one was answered; forgotten little by little. */
  #proven = 0;
  #pausedUntilMs = 0;
  #nextAtMs = 0;
  #silentSinceMs: number | null = null;
  #silent = 0;
  #counts = { answered: 0, refused: 0, failed: 0 };
  #lastFault: string | null = null;
  #waking: AbortController | null = null;

  /** @param most requests at once whatever the endpoint takes; null: no such limit */
  constructor(
    private readonly most: number | null = null,
    private readonly clock: RetryClock = SYSTEM_CLOCK,
  ) {}

  /** Waits for leave to send a request. @throws the reason of the signal */
  enter(signal?: AbortSignal): Promise<GatePass> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#pump();
      };
      const waiter: Waiter = {
        go: (pass) => {
          signal?.removeEventListener('abort', abort);
          resolve(pass);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiter);
      this.#pump();
    });
  }

  snapshot(): GateSnapshot {
    const nowMs = this.clock.now();
    const limit = this.#limit();
    const rate = Math.min(this.#rate.perSecond, this.#requests.perSecond(nowMs) ?? Number.POSITIVE_INFINITY);
    return {
      limit: this.#places.isLearned || this.most !== null ? limit : null,
      inside: this.#inside,
      waiting: this.#waiting.length,
      pausedMs: Math.max(0, this.#notBefore(nowMs) - nowMs),
      rate: Number.isFinite(rate) ? rate : null,
      ...this.#counts,
      silentMs: this.#silentSinceMs === null ? null : nowMs - this.#silentSinceMs,
      lastFault: this.#lastFault,
    };
  }

  #limit(): number {
    return Math.min(this.most ?? Number.POSITIVE_INFINITY, this.#places.value);
  }

  get #isDown(): boolean {
    return this.#silent >= DOWN_AFTER;
  }

  /** When the next request may go at the earliest, as far as time decides it. */
  #notBefore(nowMs: number): number {
    const told = Math.max(this.#requests.waitMs(1, nowMs), this.#tokens.waitMs(this.#meanTokens, nowMs));
    return Math.max(this.#pausedUntilMs, this.#nextAtMs, nowMs + told);
  }

  #pump(): void {
    this.#waking?.abort();
    this.#waking = null;
    for (let waiter = this.#waiting[0]; waiter; waiter = this.#waiting[0]) {
      const nowMs = this.clock.now();
      const places = this.#isDown ? 1 : this.#limit();
      if (this.#inside >= places) return;
      const atMs = this.#notBefore(nowMs);
      if (atMs > nowMs) {
        this.#wakeAt(atMs - nowMs);
        return;
      }
      this.#waiting.shift();
      waiter.go(this.#pass(nowMs, this.#inside + 1 >= places));
    }
  }

  #wakeAt(ms: number): void {
    const waking = new AbortController();
    this.#waking = waking;
    // Timers may fire a little early.
    this.clock.sleep(Math.max(1, Math.ceil(ms)), waking.signal).then(
      () => this.#waking === waking && this.#pump(),
      () => {},
    );
  }

  #pass(nowMs: number, place: boolean): GatePass {
    this.#inside++;
    const eachMs = 1000 / this.#rate.perSecond;
    if (this.#rate.isLearned) {
      // A timer that fires late costs nothing: the next one goes so much earlier.
      const isLate = nowMs - this.#nextAtMs >= eachMs;
      this.#nextAtMs = (isLate ? nowMs - eachMs : this.#nextAtMs) + eachMs;
      if (!isLate) this.#rate.departed();
    }
    this.#requests.take(1, nowMs);
    this.#tokens.take(this.#meanTokens, nowMs);
    this.#departures.push(nowMs);
    while (this.#departures.length > 0 && this.#departures[0]! < nowMs - RATE_WINDOW_MS) this.#departures.shift();
    const sent: Sent = {
      number: ++this.#sent,
      atMs: nowMs,
      tookLast: place,
      among: this.#inside,
      cuts: this.#cuts,
      placeCuts: this.#placeCuts,
      wasTold: false,
    };
    let hasLeft = false;
    return {
      told: (headers) => this.#told(sent, headers),
      leave: (end) => {
        if (hasLeft) return;
        hasLeft = true;
        this.#inside--;
        this.#left(sent, end);
        this.#pump();
      },
    };
  }

  #told(sent: Sent, headers: Headers): void {
    const { number, atMs } = sent;
    const nowMs = this.clock.now();
    const after = this.#sent - number;
    const requests = toldLimit(headers, 'requests', Date.now());
    if (requests) this.#requests.told(requests, atMs, after, nowMs);
    sent.wasTold = requests !== null;
    const tokens = toldLimit(headers, 'tokens', Date.now());
    if (tokens) this.#tokens.told(tokens, atMs, after * this.#meanTokens, nowMs);
  }

  #left(sent: Sent, end: RequestEnd): void {
    switch (end.kind) {
      case 'answered':
        this.#counts.answered++;
        this.#silent = 0;
        this.#silentSinceMs = null;
        this.#proven = Math.max(sent.among, this.#proven * FORGETTING);
        if (end.tokens > 0)
          this.#meanTokens += (end.tokens - this.#meanTokens) * (this.#meanTokens === 0 ? 1 : TOKEN_WEIGHT);
        if (sent.tookLast && sent.placeCuts === this.#placeCuts) this.#places.answered(sent.among);
        return;
      case 'refused':
        this.#counts.refused++;
        this.#lastFault = end.why;
        // What the endpoint told with a refusal does not count it.
        if (!sent.wasTold) this.#requests.take(-1, this.clock.now());
        this.#refused(sent, end);
        return;
      case 'failed':
        this.#counts.failed++;
        this.#lastFault = end.why;
        this.#fellSilent();
        if (this.#isDown) this.#pause(backoffMs(this.#silent - DOWN_AFTER, this.clock.random()));
    }
  }

  /** Of all that were under way when a limit was reached only the first refusal counts: the others say the same. */
  #refused(sent: Sent, { isOverload, waitMs }: RequestEnd & { kind: 'refused' }): void {
    const nowMs = this.clock.now();
    const isFirst = sent.cuts === this.#cuts;
    if (this.#stretch && sent.number > this.#stretch.number) this.#stretch.refused++;
    if (isFirst && !this.#isDown) {
      this.#cuts++;
      const rateTold = this.#requests.perSecond(nowMs) !== null;
      // Nobody says whether it was for the rate or for what is under way: as many as were answered before are not too many now.
      const isOfRate = waitMs !== null || rateTold || sent.among <= Math.max(1, this.#proven);
      this.#ofPlaces = isOfRate ? 0 : this.#ofPlaces + 1;
      // Who tells the rate and the wait is believed.
      if (!isOverload && !(rateTold && waitMs !== null)) this.#paceBelow(sent);
      if (isOfRate && !isOverload) this.#places.doubt();
      else {
        this.#placeCuts++;
        this.#places.refused(sent.among);
      }
    }
    if (isFirst) this.#fellSilent();
    if (waitMs !== null) this.#pause(waitMs);
    else if (isFirst && this.#silent > 1) this.#pause(backoffMs(this.#silent - 2, this.clock.random()));
  }

  #paceBelow({ number, atMs }: Sent): void {
    const began = this.#stretch;
    if (this.#ofPlaces >= SURE_OF_PLACES) {
      this.#rate.forget();
      this.#stretch = null;
      return;
    }
    if (began === null) this.#rate.refusedFirst(this.#measured(atMs));
    else {
      const answered = number - began.number - began.refused;
      if (!this.#rate.refusedAgain({ answered, seconds: Math.max(1, atMs - began.atMs) / 1000 })) return;
    }
    this.#stretch = { number, atMs, refused: 0 };
  }

  #fellSilent(): void {
    this.#silent++;
    this.#silentSinceMs ??= this.clock.now();
  }

  #pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.clock.now() + ms);
  }

  /** Requests a second that were sent lately. */
  #measured(nowMs: number): number {
    const [first = nowMs] = this.#departures;
    return (this.#departures.length * 1000) / Math.max(LEAST_WINDOW_MS, nowMs - first);
  }
}

function backoffMs(times: number, chance: number): number {
  return Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(times, 20)) * (0.5 + chance / 2);
}
