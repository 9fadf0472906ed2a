import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { StorageFault } from '../../files/storage-fault.js';
import { BudgetReached } from '../../run/budget-reached.js';
import { RunStopped } from '../../run/run-stopped.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import { Turnstile, type Urgency } from '../../run/turnstile.js';
import { type Candidate, STAGES, type StageName } from '../candidate.js';
import type { EarlierProposal } from '../gates/contamination/contamination-sources.js';
import { rejected, StageFault } from '../stage.js';
import { Account, type Till } from './account.js';
import { EarlierProposals } from './earlier-proposals.js';
import { FaultStreak } from './fault-streak.js';
import { newCandidates } from './new-candidate.js';
import type { PipelineOptions, RetryPolicy } from './pipeline-options.js';
import type { CandidateUnderWay, PipelineSnapshot } from './pipeline-snapshot.js';
import { stageOf } from './stage-of.js';
import { urgencyOf } from './urgency-of.js';

const RETRY: RetryPolicy = { times: 4, firstMs: 5000, mostMs: 120_000 };
/** Topics go before all candidates, which begin with them. */
const FIRST_OF_ALL = [Number.NEGATIVE_INFINITY];

/** How a pipeline ended. `broken`: this program failed on candidates, which stand as they were saved. */
export type PipelineEnd =
  | { why: 'complete' }
  | { why: 'stopped' }
  | { why: 'budget'; reached: BudgetReached }
  | { why: 'fault'; error: Error }
  | { why: 'broken'; candidates: readonly { id: string; error: Error }[] };

/**
 * Takes the topics of a run to published tasks, each candidate stage after stage, many at once. What comes of a candidate follows from
 * the settings and the answers to its questions; in which order candidates come to their ends makes no difference.
 */
export class Pipeline {
  readonly #candidates = new Map<string, Candidate>();
  readonly #underWay = new Map<string, CandidateUnderWay>();
  readonly #broken = new Map<string, Error>();
  readonly #waiting = new Set<string>();
  /** Fires when nothing new is begun. */
  readonly #ending = new AbortController();
  /** Fires when what is under way is dropped. */
  readonly #drop = new AbortController();
  readonly #till: Till;
  readonly #streak = new FaultStreak();
  readonly #earlier = new EarlierProposals(this.#candidates, (id) => this.#broken.has(id));
  readonly #retry: RetryPolicy;
  #hasAllTopics = false;
  #settle: () => void = () => {};

  constructor(private readonly options: PipelineOptions) {
    setMaxListeners(0, this.#ending.signal, this.#drop.signal);
    const { settings, budget, sandboxes, retry = RETRY } = options;
    this.#retry = retry;
    this.#till = {
      budget,
      questions: new Turnstile(settings.concurrency.teacher),
      sandboxes: new Turnstile(sandboxes),
      gpusOfSandbox: settings.environment.gpus,
      refuse: () => this.#refuse(),
      onAnswered: () => this.#dropWhenAnswered(),
    };
  }

  /** Runs until every candidate has ended, or the run. Rejects when the directory of the run cannot be read or written. */
  async run(): Promise<PipelineEnd> {
    for (const candidate of await this.options.store.load()) {
      this.options.budget.add(candidate.spent);
      this.#put(candidate);
    }
    const settled = new Promise<void>((resolve) => {
      this.#settle = resolve;
    });
    const topics = this.#readTopics().finally(() => {
      this.#hasAllTopics = true;
      this.#pump();
    });
    this.#pump();
    await Promise.all([settled, topics]);
    await this.options.costs.flush();
    return this.#end();
  }

  /** Begins nothing new; questions under way are answered and kept, then the rest is dropped. Idempotent. */
  stop(): void {
    this.#endWith(new RunStopped());
    this.#dropWhenAnswered();
  }

  /** Drops what is under way. Idempotent. */
  drop(): void {
    this.stop();
    this.#drop.abort(new RunStopped());
  }

  /**
   * Waits until every candidate of a lower id has a proposal or ended without one. Rejects with the reason of the signal, or of the
   * run's end.
   * @returns their proposals in the order of ids
   */
  earlier(id: string, signal: AbortSignal): Promise<readonly EarlierProposal[]> {
    return this.#earlier.of(id, signal, this.#ending.signal);
  }

  snapshot(): PipelineSnapshot {
    const { questions, sandboxes, budget } = this.#till;
    const standing = ({ inside, waiting, places }: Turnstile) => ({ inside, waiting, places });
    return {
      candidates: [...this.#candidates.values()],
      underWay: [...this.#underWay.values()],
      spent: budget.spent,
      questions: standing(questions),
      sandboxes: standing(sandboxes),
      broken: this.#broken.size,
      hasAllTopics: this.#hasAllTopics,
    };
  }

  #end(): PipelineEnd {
    const { reason } = this.#ending.signal;
    if (reason instanceof BudgetReached) return { why: 'budget', reached: reason };
    if (reason instanceof RunStopped) return { why: 'stopped' };
    if (reason instanceof Error) return { why: 'fault', error: reason };
    if (this.#broken.size === 0) return { why: 'complete' };
    return { why: 'broken', candidates: [...this.#broken].map(([id, error]) => ({ id, error })) };
  }

  async #readTopics(): Promise<void> {
    const { settings, store, budget } = this.options;
    const meter = new Account(this.#till, () => FIRST_OF_ALL, NOTHING_SPENT);
    let stream: Awaited<ReturnType<PipelineOptions['topics']>> = null;
    for (let tries = 0; !this.#ending.signal.aborted; tries++) {
      try {
        if (stream === null) {
          stream = await this.options.topics({ meter, signal: this.#drop.signal });
          if (stream === null) return;
          budget.add(stream.known.spent);
        }
        for await (const topic of stream) {
          for (const candidate of newCandidates(topic, settings)) {
            if (this.#candidates.has(candidate.id)) continue;
            await store.save(candidate);
            this.#put(candidate);
            this.#pump();
          }
        }
        return;
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        const mayPass = error instanceof StageFault && !error.isFatal && tries < this.#retry.times;
        if (!mayPass) return this.#endWith(error as Error);
        await this.#wait(this.#waitMs(tries));
      }
    }
  }

  #put(candidate: Candidate): void {
    this.#candidates.set(candidate.id, candidate);
    if (stageOf(candidate) === null) return;
    this.#waiting.add(candidate.id);
    this.options.listener?.onCandidate?.(candidate);
  }

  /** Begins candidates while there is room. */
  #pump(): void {
    const { candidates: most } = this.options.settings.concurrency;
    while (!this.#ending.signal.aborted && this.#underWay.size < most && this.#waiting.size > 0) {
      const id = this.#next();
      this.#waiting.delete(id);
      const candidate = this.#candidates.get(id)!;
      this.#show(candidate, 'begins');
      void this.#take(id).finally(() => {
        this.#underWay.delete(id);
        this.#pump();
      });
    }
    const isDone = this.#ending.signal.aborted || this.#waiting.size === 0;
    if (isDone && this.#hasAllTopics && this.#underWay.size === 0) this.#settle();
  }

  /** Always the lowest id: later candidates may wait for the proposals of those before them. */
  #next(): string {
    let [least = ''] = this.#waiting;
    for (const id of this.#waiting) if (id < least) least = id;
    return least;
  }

  /** Takes a candidate to its end, or as far as it comes. Never rejects. */
  async #take(id: string): Promise<void> {
    let faults = 0;
    // Every attempt passes two stages, and some are passed once.
    let left = 4 * (this.options.settings.debug_iterations + 2) + STAGES.length;
    try {
      while (!this.#ending.signal.aborted && stageOf(this.#candidates.get(id)!) !== null) {
        if (left-- === 0) throw new Error('the stages send the candidate round in a circle');
        const fault = await this.#runStage(this.#candidates.get(id)!);
        faults = fault === null ? 0 : faults + 1;
        if (fault !== null) await this.#afterFault(this.#candidates.get(id)!, fault, faults - 1);
      }
    } catch (error) {
      // No other candidate could keep what it pays for.
      if (error instanceof StorageFault) this.#endWith(error);
      if (this.#ending.signal.aborted) return;
      this.#broken.set(id, error as Error);
      this.#earlier.changed();
      this.options.listener?.onBreak?.(this.#candidates.get(id)!, error as Error);
    }
  }

  /** @returns the fault of others that ended the stage; null when it came to its end, or the run */
  async #runStage(began: Candidate): Promise<StageFault | null> {
    const { stages, store, costs, listener } = this.options;
    const name = began.state as StageName;
    const stage = stages.find((known) => known.name === name);
    if (stage === undefined) throw new Error(`no stage of this program takes up ${name}`);
    const account = new Account(this.#till, (seconds) => this.#urgency(began.id, seconds), began.spent);
    const { signal } = this.#drop;
    const save = async (candidate: Candidate): Promise<Candidate> => {
      account.refuseWhatRestsOnRefusals();
      // What a stage makes of work that was dropped says nothing.
      signal.throwIfAborted();
      const { retries } = this.#candidates.get(began.id)!;
      const saved = { ...candidate, retries, spent: account.settle() };
      await store.save(saved);
      this.#candidates.set(began.id, saved);
      this.#earlier.changed();
      return saved;
    };
    const startedAtMs = performance.now();
    this.#show(began, 'begins');
    listener?.onStage?.(began, name);
    try {
      const context = await this.options.contextOf(began, {
        meter: account,
        inSandbox: (work) => account.inSandbox(work, signal),
        save: async (candidate) => {
          await save(candidate);
        },
        tell: (doing) => {
          // What is told late, by work that nobody waits for, would bring a candidate back.
          if (this.#underWay.get(began.id)?.stage === name) this.#show(began, doing, name);
        },
        signal,
      });
      const next = await stage.run(began, context);
      refuseMisfits(began, next);
      const moved = await save(stageOf(next) !== null ? next : { ...next, ended_in: name });
      const spent = difference(moved.spent, began.spent);
      costs.add(name, spent, (performance.now() - startedAtMs) / 1000);
      this.#streak.ended(name);
      listener?.onMove?.(moved, name, spent);
      return null;
    } catch (error) {
      await this.#keepLoss(began.id, account);
      if (error instanceof BudgetReached) this.#endWith(error);
      if (this.#ending.signal.aborted) return null;
      if (!(error instanceof StageFault)) throw error;
      if (error.isFatal) this.#endWith(error);
      return error;
    }
  }

  #urgency(id: string, sandboxSeconds: number): Urgency {
    const isLastLeg = this.#hasAllTopics && this.#waiting.size === 0;
    return urgencyOf(this.#candidates.get(id)!, isLastLeg, sandboxSeconds);
  }

  async #keepLoss(id: string, account: Account): Promise<void> {
    const known = this.#candidates.get(id)!;
    const spent = account.giveUp();
    if (JSON.stringify(spent) === JSON.stringify(known.spent)) return;
    const saved = { ...known, spent };
    await this.options.store.save(saved);
    this.#candidates.set(id, saved);
  }

  async #afterFault(candidate: Candidate, { reason, message, isFatal }: StageFault, tries: number): Promise<void> {
    if (isFatal || this.#ending.signal.aborted) return;
    const { store, listener } = this.options;
    const isLast = tries >= this.#retry.times;
    const tried = { ...candidate, retries: candidate.retries + 1 };
    const given = { ...rejected(tried, reason, message), ended_in: candidate.state as StageName };
    const saved = isLast ? given : tried;
    await store.save(saved);
    this.#candidates.set(candidate.id, saved);
    if (isLast) this.#earlier.changed();
    const waitMs = isLast ? null : this.#waitMs(tries);
    listener?.onFault?.(saved, reason, message, waitMs);
    if (waitMs !== null) {
      this.#show(candidate, `waits: ${message}`);
      return this.#wait(waitMs);
    }
    const outage = this.#streak.givenUp(reason, message);
    if (outage !== null) this.#endWith(outage);
  }

  #waitMs(tries: number): number {
    return Math.min(this.#retry.mostMs, this.#retry.firstMs * 2 ** tries);
  }

  /** Ends early with the run. */
  async #wait(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#ending.signal }).catch(() => {});
  }

  #show(candidate: Candidate, doing: string, stage = candidate.state as StageName): void {
    const { id } = candidate;
    const known = this.#underWay.get(id);
    const sinceMs = known?.stage === stage ? known.sinceMs : performance.now();
    this.#underWay.set(id, { id, stage, doing, sinceMs });
    this.options.listener?.onDoing?.(id, stage, doing);
  }

  #refuse(): void {
    const { reached } = this.options.budget;
    if (reached !== null) this.#endWith(reached);
    this.#ending.signal.throwIfAborted();
  }

  #endWith(error: Error): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort(error);
    this.options.listener?.onEnding?.(error);
    this.#pump();
  }

  #dropWhenAnswered(): void {
    const isStopped = this.#ending.signal.reason instanceof RunStopped;
    if (isStopped && this.#till.questions.inside === 0) this.#drop.abort(this.#ending.signal.reason);
  }
}

function refuseMisfits(began: Candidate, next: Candidate): void {
  const isEndWithoutReason = (next.state === 'rejected' || next.state === 'frontier') && next.reason === null;
  if (next.id !== began.id || isEndWithoutReason) {
    throw new Error(`the stage ${began.state} made ${next.id} ${next.state} of ${began.id}, with no reason`);
  }
}

function difference(after: Candidate['spent'], before: Candidate['spent']): Candidate['spent'] {
  const names = Object.keys(NOTHING_SPENT) as (keyof Candidate['spent'])[];
  const parts = names.map((name) => [name, after[name] - before[name]]);
  return Object.fromEntries(parts) as Candidate['spent'];
}
