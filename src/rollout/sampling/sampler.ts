import { setMaxListeners } from 'node:events';
import type { AgentRun } from '../../agent/agent-run.js';
import { SYSTEM_CLOCK } from '../../agent/models/retry-policy.js';
import { storageFault } from '../../files/storage-fault.js';
import { BudgetReached } from '../../run/budget-reached.js';
import { RunStopped } from '../../run/run-stopped.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import type { Attempt } from '../../store/attempt.js';
import { loadScheduler } from './load-scheduler.js';
import { outOfPatience } from './out-of-patience.js';
import { Outage } from './outage.js';
import { keepTrajectory, playAttempt } from './play-attempt.js';
import { playOnce } from './play-once.js';
import type { PlayerState } from './player-state.js';
import { ProgressOfTasks } from './progress-of-tasks.js';
import { roomiest } from './roomiest.js';
import type { Player, SamplerEnd, SamplerOptions } from './sampler-options.js';
import type { SamplerSnapshot } from './sampler-snapshot.js';
import { type NextAttempt, Scheduler } from './scheduler.js';
import { ServerGovernor } from './server-governor.js';
import { Spending, spentOnRun } from './spending.js';
import { spentOn } from './spent-on.js';
import { takeInLeft } from './take-in-left.js';
import type { TryFault } from './try-fault.js';
import { Trying } from './trying.js';

const PATIENCE_MS = 20 * 60_000;
/** How often budgets of time, outages and the ledger's clock are looked after. */
const TICK_MS = 5000;
/** A try that the server lost is nobody's fault, unless it is this attempt that takes servers down. */
const MOST_SPARED = 20;

/** How one try is played and kept; tests bring their own. */
export interface SamplerPowers {
  play: typeof playAttempt;
  keep: typeof keepTrajectory;
}

/**
 * Plays the open attempts of a ledger, many at once, each exactly once: as many as the servers hold, asking the endpoints as much as they
 * take. What others' faults end is played again; an outage is waited for. A process that is killed loses what was under way and nothing
 * else.
 */
export class Sampler {
  #scheduler = new Scheduler();
  readonly #players: ReadonlyMap<string, PlayerState>;
  readonly #governors: readonly ServerGovernor[];
  readonly #underWay = new Map<string, Trying>();
  readonly #spared = new Map<string, number>();
  /** Fires when nothing new is begun. */
  readonly #ending = new AbortController();
  /** Fires when what is under way is dropped. */
  readonly #drop = new AbortController();
  /** Fires when all is over. */
  readonly #over = new AbortController();
  readonly #clock;
  readonly #patienceMs: number;
  readonly #startedMs: number;
  readonly #spending: Spending;
  #progress: ProgressOfTasks;
  #isReady = false;
  #waking: AbortController | null = null;
  #settle: () => void = () => {};

  constructor(
    private readonly options: SamplerOptions,
    private readonly powers: SamplerPowers = { play: playAttempt, keep: keepTrajectory },
  ) {
    setMaxListeners(0, this.#ending.signal, this.#drop.signal, this.#over.signal);
    const { ledger, players, servers, budget, clock = SYSTEM_CLOCK, patienceMs = PATIENCE_MS } = options;
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#startedMs = clock.now();
    const before = ledger.wallSeconds();
    this.#spending = new Spending(budget, ledger.spent(), () => before + this.#elapsedSeconds);
    this.#progress = new ProgressOfTasks(ledger);
    const state = (player: Player): PlayerState => {
      return { player, outage: new Outage(() => clock.now()), blockedUntilMs: 0, hasAnswered: false };
    };
    this.#players = new Map(players.map((player) => [player.name, state(player)]));
    const host = {
      clock,
      onRoom: () => this.#pump(),
      onNotice: (text: string) => options.listener?.onNotice?.(text),
      onSession: (server: string, token: string) => this.#storing(() => ledger.rememberSession({ server, token })),
      onReleased: (server: string, token: string) => this.#storing(() => ledger.forgetSession({ server, token })),
      signal: this.#over.signal,
    };
    this.#governors = servers.map((server) => new ServerGovernor(server, host));
  }

  /** Plays until every attempt is done or given up, or the run ends. Called once. Rejects when the ledger cannot be read. */
  async run(): Promise<SamplerEnd> {
    const { ledger } = this.options;
    const number = ledger.beginProcess(new Date().toISOString());
    await this.#takeUp();
    const settled = new Promise<void>((resolve) => {
      this.#settle = resolve;
    });
    const connections = this.#governors.map((governor) =>
      governor.run().catch((error: Error) => this.#endWith(error, true)),
    );
    const ticking = this.#tick(number);
    this.#isReady = true;
    this.#pump();
    await settled;
    this.#waking?.abort();
    await Promise.all(this.#governors.map((governor) => governor.close()));
    this.#over.abort();
    await Promise.all([...connections, ticking]);
    this.#storing(() => ledger.processSeen(number, this.#elapsedSeconds));
    return this.#end();
  }

  /** Begins nothing new; what is under way comes to its end. Idempotent. */
  stop(): void {
    this.#endWith(new RunStopped());
  }

  /** Drops what is under way as well: it will be played again. Idempotent. */
  drop(): void {
    this.#endWith(new RunStopped(), true);
  }

  snapshot(): SamplerSnapshot {
    return {
      tasks: this.#progress.tasks,
      models: [...this.#players.values()].flatMap(({ player: { name, gate } }) =>
        gate ? [{ name, ...gate.snapshot() }] : [],
      ),
      servers: this.#governors.map((governor) => governor.progress()),
      underWay: [...this.#underWay.values()].map(({ underWay }) => ({ ...underWay })),
      spent: this.#spending.total,
    };
  }

  get #elapsedSeconds(): number {
    return (this.#clock.now() - this.#startedMs) / 1000;
  }

  #end(): SamplerEnd {
    const { aborted, reason } = this.#ending.signal;
    if (!aborted) return { why: 'complete' };
    if (reason instanceof BudgetReached) return { why: 'budget', reached: reason };
    return reason instanceof RunStopped ? { why: 'stopped' } : { why: 'fault', error: reason as Error };
  }

  /** Settles what an earlier process left, and reads what is to be played. */
  async #takeUp(): Promise<void> {
    const { ledger, places, runId, listener } = this.options;
    await takeInLeft({ ledger, places, runId }, (attempt, outcome) => {
      this.#spending.ended(attempt.id, spentOn(outcome));
      listener?.onAdopted?.(attempt);
    });
    this.#progress = new ProgressOfTasks(ledger);
    this.#scheduler = loadScheduler(ledger);
    for (const { server, token } of ledger.sessions()) {
      void this.#governors.find(({ server: { url } }) => url === server)?.endSession(token);
    }
  }

  /** Begins attempts while there is room. */
  #pump(): void {
    if (!this.#isReady) return;
    const nowMs = this.#clock.now();
    this.#waking?.abort();
    while (!this.#ending.signal.aborted && this.#underWay.size < (this.options.atOnce ?? Number.POSITIVE_INFINITY)) {
      const { reached } = this.#spending;
      if (reached !== null && this.#scheduler.open > 0) this.#endWith(reached);
      const next = this.#ending.signal.aborted
        ? null
        : this.#scheduler.next(
            Math.max(1, this.#underWay.size),
            ({ gpus, player }) =>
              this.#players.get(player)!.blockedUntilMs <= nowMs && this.#governors.some((one) => one.hasRoom(gpus)),
          );
      if (next === null) break;
      void this.#play(next, roomiest(this.#governors, next.gpus)!).finally(() => this.#pump());
    }
    const isDone = this.#ending.signal.aborted || this.#scheduler.open === 0;
    if (!isDone) this.#wakeFor(nowMs);
    else if (this.#underWay.size === 0) this.#settle();
  }

  #wakeFor(nowMs: number): void {
    const times = [...this.#players.values()].map(({ blockedUntilMs }) => blockedUntilMs).filter((at) => at > nowMs);
    if (times.length === 0) return;
    const waking = new AbortController();
    this.#waking = waking;
    this.#clock.sleep(Math.min(...times) - nowMs, AbortSignal.any([waking.signal, this.#over.signal])).then(
      () => this.#pump(),
      () => {},
    );
  }

  /** Plays an attempt once. Never rejects. */
  async #play(next: NextAttempt, governor: ServerGovernor): Promise<void> {
    const { ledger } = this.options;
    const state = this.#players.get(next.player)!;
    const place = governor.begin(next.gpus);
    const begunMs = this.#clock.now();
    const secondsSince = () => (this.#clock.now() - begunMs) / 1000;
    this.#progress.moved(next.task, 'open', 'running');
    let trying: Trying | null = null;
    try {
      const attempt = ledger.attempt(next.id)!;
      trying = new Trying(attempt, {
        ledger,
        server: governor.server.url,
        place,
        onRound: (run, hasAnswered) => {
          state.hasAnswered ||= hasAnswered;
          this.#spending.sees(next.id, spentOnRun(run, next.gpus, secondsSince()));
        },
      });
      this.#underWay.set(next.id, trying);
      const signal = AbortSignal.any([this.#drop.signal, trying.signal]);
      const parts = { client: governor.client, player: state.player, attempt, listener: trying, signal };
      const played = await playOnce(this.powers.play, parts, this.options, () => state.hasAnswered);
      place.end();
      if (trying.fault) throw trying.fault;
      if (played.kind === 'dropped') this.#dropped(next, trying, secondsSince());
      else if (played.kind === 'fault') this.#faulted(next, attempt, trying, played.fault, governor, secondsSince());
      else await this.#result(next, attempt, trying, played.run, governor, secondsSince());
    } catch (error) {
      place.end();
      this.#broken(next, trying, error as Error);
    } finally {
      this.#underWay.delete(next.id);
    }
  }

  async #result(
    next: NextAttempt,
    attempt: Attempt,
    trying: Trying,
    run: AgentRun,
    governor: ServerGovernor,
    seconds: number,
  ): Promise<void> {
    const { ledger, tries, listener } = this.options;
    const state = this.#players.get(next.player)!;
    const number = trying.begin();
    trying.underWay.doing = 'is written';
    const outcome = await this.powers.keep(run, { player: state.player, attempt }, number, this.options);
    const ended_at = new Date().toISOString();
    const spent = spentOn(outcome);
    ledger.endTry(next.id, number, { end: 'result', ended_at, outcome, spent }, tries);
    governor.worked();
    if (outcome.output_tokens > 0) {
      state.outage.worked();
      state.blockedUntilMs = 0;
    }
    this.#spending.ended(next.id, spent);
    this.#scheduler.took(next, seconds);
    this.#progress.moved(next.task, 'running', 'done');
    if (outcome.valid > 0) this.#progress.valid(next.task);
    listener?.onEpisode?.(attempt, outcome);
  }

  /** Somebody called it off: it is open again. */
  #dropped(next: NextAttempt, trying: Trying, seconds: number): void {
    const { ledger, tries } = this.options;
    const spent = trying.run ? spentOnRun(trying.run, next.gpus, seconds) : NOTHING_SPENT;
    const ended_at = new Date().toISOString();
    if (trying.number !== null) ledger.endTry(next.id, trying.number, { end: 'stopped', ended_at, spent }, tries);
    this.#spending.ended(next.id, spent);
    this.#reopen(next);
  }

  #faulted(
    next: NextAttempt,
    attempt: Attempt,
    trying: Trying,
    fault: TryFault,
    governor: ServerGovernor,
    seconds: number,
  ): void {
    const { ledger, tries, listener } = this.options;
    const { kind, code, message } = fault;
    if (kind === 'refused') {
      governor.refused();
      // Of memory, or of GPUs that it does not have: nobody says when there will be some.
      if (code === 'resources_unavailable') governor.pause(governor.outage.failed(next.id, message).waitMs);
      this.#reopen(next);
      return;
    }
    const state = this.#players.get(next.player)!;
    const spent = trying.run ? spentOnRun(trying.run, next.gpus, seconds) : NOTHING_SPENT;
    const end = kind === 'endpoint' || kind === 'run' ? 'endpoint' : 'infrastructure';
    const { isOutage, waitMs } = this.#verdict(next.id, fault, state, governor);
    const isSpared = kind !== 'task' && isOutage;
    const ending = { end, ended_at: new Date().toISOString(), code, message, spent, isSpared } as const;
    const stands = ledger.endTry(next.id, trying.begin(), ending, kind === 'task' ? 1 : tries);
    this.#spending.ended(next.id, spent);
    this.#progress.faulted(next.task);
    if (stands === 'failed') this.#progress.moved(next.task, 'running', 'failed');
    else this.#reopen(next);
    listener?.onFault?.(attempt, end, message, stands === 'failed' ? null : waitMs);
    if (kind === 'task') this.#failTask(next.task, fault);
    if (kind === 'run') this.#endWith(new Error(`${next.player} cannot be asked: ${message}`));
  }

  /** Whose fault it was, and how long nothing of the kind is tried. */
  #verdict(
    id: string,
    { kind, message }: TryFault,
    state: PlayerState,
    governor: ServerGovernor,
  ): { isOutage: boolean; waitMs: number } {
    if (kind === 'run' || kind === 'task') return { isOutage: kind === 'run', waitMs: 0 };
    if (kind === 'connection') {
      const spared = (this.#spared.get(id) ?? 0) + 1;
      this.#spared.set(id, spared);
      return { isOutage: spared <= MOST_SPARED, waitMs: 0 };
    }
    if (kind === 'endpoint') {
      const verdict = state.outage.failed(id, message);
      state.blockedUntilMs = this.#clock.now() + verdict.waitMs;
      return verdict;
    }
    const verdict = governor.outage.failed(id, message);
    if (verdict.isOutage) governor.pause(verdict.waitMs);
    return verdict;
  }

  /** Nobody can play it: everything that is open there is given up. */
  #failTask(task: string, { code, message }: TryFault): void {
    const { ledger, listener } = this.options;
    for (const id of this.#scheduler.takeOut(task)) {
      const at = new Date().toISOString();
      const number = ledger.beginTry(id, { server: null, episode_id: null, started_at: at });
      ledger.endTry(id, number, { end: 'infrastructure', ended_at: at, code, message, spent: {} }, 1);
      this.#progress.moved(task, 'open', 'failed');
      this.#progress.faulted(task);
      listener?.onFault?.(ledger.attempt(id)!, 'infrastructure', message, null);
    }
  }

  /** This side failed: the run ends, and the attempt is played again by a later process. */
  #broken(next: NextAttempt, trying: Trying | null, error: Error): void {
    const { ledger, places, tries } = this.options;
    this.#reopen(next);
    this.#endWith(storageFault(error, places.root) ?? error, true);
    const number = trying?.number ?? null;
    if (number === null || ledger.attempt(next.id)?.state !== 'running') return;
    const ending = { end: 'stopped', ended_at: new Date().toISOString(), message: error.message, spent: {} } as const;
    this.#storing(() => ledger.endTry(next.id, number, ending, tries));
  }

  #reopen(next: NextAttempt): void {
    this.#scheduler.putBack(next);
    this.#progress.moved(next.task, 'running', 'open');
  }

  /** What the machine does not keep ends the run. */
  #storing(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#endWith(storageFault(error, this.options.places.root) ?? (error as Error), true);
    }
  }

  #endWith(why: Error, drops = false): void {
    if (!this.#ending.signal.aborted) {
      this.options.listener?.onEnding?.(why);
      this.#ending.abort(why);
    }
    if (drops) this.#drop.abort(new RunStopped());
    if (this.#underWay.size === 0) this.#settle();
  }

  /** Looks after what nothing else would tell of. Resolves when all is over. */
  async #tick(process: number): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#clock.sleep(TICK_MS, signal).catch(() => {});
      if (signal.aborted) return;
      this.#storing(() => this.options.ledger.processSeen(process, this.#elapsedSeconds));
      const reach = { servers: this.#governors, players: [...this.#players.values()] };
      const fault = outOfPatience(reach, this.#patienceMs);
      if (fault !== null) this.#endWith(fault, true);
      this.#failUnheld();
      this.#pump();
    }
  }

  /** Tasks for which no server has GPUs enough are given up; the others go on. */
  #failUnheld(): void {
    if (this.#ending.signal.aborted || this.#governors.some(({ isConnected }) => !isConnected)) return;
    for (const { task, gpus } of this.#scheduler.openTasks) {
      if (this.#governors.some(({ room }) => room.canEverHold(gpus))) continue;
      const message = `The task asks for ${gpus} GPUs; no server of this run has so many.`;
      this.#storing(() => this.#failTask(task, { kind: 'task', code: 'resources_unavailable', message }));
    }
  }
}
