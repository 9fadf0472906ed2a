import { setMaxListeners } from 'node:events';
import type { AgentRun } from '../../agent/agent-run.js';
import { SYSTEM_CLOCK } from '../../agent/models/retry-policy.js';
import { storageFault } from '../../files/storage-fault.js';
import { BudgetReached } from '../../run/budget-reached.js';
import { RunStopped } from '../../run/run-stopped.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import { Blame } from './blame.js';
import { loadScheduler } from './load-scheduler.js';
import { outOfPatience } from './out-of-patience.js';
import { Outage } from './outage.js';
import { keepTrajectory, playAttempt } from './play-attempt.js';
import { playOnce } from './play-once.js';
import type { PlayerState } from './player-state.js';
import { ProgressOfTasks } from './progress-of-tasks.js';
import { Refusals } from './refusals.js';
import { roomiest } from './roomiest.js';
import type { Player, SamplerEnd, SamplerOptions } from './sampler-options.js';
import type { SamplerPowers } from './sampler-powers.js';
import type { SamplerSnapshot } from './sampler-snapshot.js';
import { type NextAttempt, Scheduler, type StartableGroup } from './scheduler.js';
import { ServerGovernor } from './server-governor.js';
import { Spending, spentOnRun } from './spending.js';
import { spentOn } from './spent-on.js';
import { takeInLeft } from './take-in-left.js';
import { tellSilent } from './tell-silent.js';
import type { Tried } from './tried.js';
import type { TryFault } from './try-fault.js';
import { Trying } from './trying.js';

const PATIENCE_MS = 20 * 60_000;
/** How often budgets of time, outages and the ledger's clock are looked after. */
const TICK_MS = 5000;

/**
 * Plays the open attempts of a ledger, many at once, each exactly once: as many as the servers hold, asking the endpoints as much as they
 * take. What others' faults end is played again; an outage is waited for. A process that is killed loses what was under way.
 */
export class Sampler {
  #scheduler = new Scheduler();
  readonly #players: ReadonlyMap<string, PlayerState>;
  readonly #governors: readonly ServerGovernor[];
  readonly #underWay = new Map<string, Trying>();
  readonly #blame;
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
    this.#blame = new Blame(clock);
    this.#patienceMs = patienceMs;
    this.#startedMs = clock.now();
    const before = ledger.wallSeconds();
    this.#spending = new Spending(budget, ledger.spent(), () => before + this.#elapsedSeconds);
    this.#progress = new ProgressOfTasks(ledger);
    const state = (player: Player): PlayerState => {
      return {
        player,
        outage: new Outage(() => clock.now()),
        blockedUntilMs: 0,
        hasAnswered: false,
        isSilent: false,
        refusals: new Refusals(),
      };
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
    await takeInLeft({ ledger, places, runId }, (attempt, outcome, known) => {
      this.#spending.corrects(known, spentOn(outcome));
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
        : this.#scheduler.next(Math.max(1, this.#underWay.size), ({ gpus, player, task }: StartableGroup) => {
            const { blockedUntilMs, refusals } = this.#players.get(player)!;
            if (blockedUntilMs > nowMs || refusals?.has(task.name)) return false;
            return this.#governors.some((one) => one.hasRoom(gpus));
          });
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
    this.#waking = new AbortController();
    this.#clock.sleep(Math.min(...times) - nowMs, AbortSignal.any([this.#waking.signal, this.#over.signal])).then(
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
        onStart: () => this.#wasTaken(state),
        onRound: (run, hasAnswered) => {
          state.hasAnswered ||= hasAnswered;
          return this.#spending.sees(next.id, spentOnRun(run, next.gpus, secondsSince()));
        },
      });
      this.#underWay.set(next.id, trying);
      const signal = AbortSignal.any([this.#drop.signal, trying.signal]);
      const parts = { client: governor.client, player: state.player, attempt, listener: trying, signal };
      const played = await playOnce(this.powers.play, parts, this.options, () => state.hasAnswered);
      place.end();
      if (trying.fault) throw trying.fault;
      if (played.kind === 'dropped') this.#dropped(next, trying, secondsSince());
      else {
        const tried = { next, attempt, trying, governor, state, seconds: secondsSince() };
        if (played.kind === 'fault') this.#faulted(tried, played.fault);
        else await this.#result(tried, played.run);
      }
    } catch (error) {
      place.end();
      this.#broken(next, trying, error as Error);
    } finally {
      this.#underWay.delete(next.id);
    }
  }

  async #result({ next, attempt, trying, governor, state, seconds }: Tried, run: AgentRun): Promise<void> {
    const { ledger, tries, listener } = this.options;
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

  #faulted({ next, attempt, trying, governor, state, seconds }: Tried, fault: TryFault): void {
    const { ledger, tries, listener } = this.options;
    const { kind, code, message } = fault;
    if (kind === 'refused') {
      governor.refused();
      // Of memory, or of GPUs that it does not have: nobody says when there will be some.
      if (code === 'resources_unavailable') governor.pause(governor.outage.failed(next.id, message).waitMs);
      this.#reopen(next);
      return;
    }
    if (kind === 'setup' && state.refusals !== null) {
      state.refusals.add(next.task, fault);
      this.#reopen(next);
      this.#judgeSetup(state, 1);
      return;
    }
    const spent = trying.run ? spentOnRun(trying.run, next.gpus, seconds) : NOTHING_SPENT;
    const end = kind === 'endpoint' || kind === 'run' ? 'endpoint' : 'infrastructure';
    const { isOutage, waitMs } = this.#blame.verdict(next.id, fault, state, governor);
    const isOfTask = kind === 'task' || kind === 'setup';
    const isSpared = !isOfTask && isOutage;
    const ending = { end, ended_at: new Date().toISOString(), code, message, spent, isSpared } as const;
    const stands = ledger.endTry(next.id, trying.begin(), ending, isOfTask ? 1 : tries);
    this.#spending.ended(next.id, spent);
    this.#progress.faulted(next.task);
    if (stands === 'failed') this.#progress.moved(next.task, 'running', 'failed');
    else this.#reopen(next);
    listener?.onFault?.(attempt, end, message, stands === 'failed' ? null : waitMs);
    if (isOfTask) this.#failTask(next.task, fault, kind === 'setup' ? next.player : undefined);
    if (kind === 'run') this.#endWith(new Error(`${next.player} cannot be asked: ${message}`));
  }

  /** Ends the run where a player's first resets are all refused alike: no task is at fault. */
  #judgeSetup(state: PlayerState, ownUnderWay: number): void {
    const { name } = state.player;
    const underWay = [...this.#underWay.values()].filter(({ player }) => player === name).length - ownUnderWay;
    const verdict = state.refusals?.verdict(name, this.#scheduler.tasksOf(name), underWay) ?? null;
    if (verdict === 'tasks') this.#wasTaken(state);
    else if (verdict !== null) this.#endWith(verdict);
  }

  /** A player can play: what refuses it from now on, or did before, is at fault itself. */
  #wasTaken(state: PlayerState): void {
    const faults = state.refusals?.all ?? [];
    state.refusals = null;
    for (const [task, fault] of faults) this.#storing(() => this.#failTask(task, fault, state.player.name));
  }

  /** Nobody can play it: everything that is open there is given up. */
  #failTask(task: string, { code, message }: TryFault, player?: string): void {
    const { ledger, listener } = this.options;
    for (const id of this.#scheduler.takeOut(task, player)) {
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
    if (number === null) return;
    const ending = { end: 'stopped', ended_at: new Date().toISOString(), message: error.message, spent: {} } as const;
    this.#storing(() => {
      if (ledger.attempt(next.id)?.state === 'running') ledger.endTry(next.id, number, ending, tries);
    });
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
      this.#losePatience();
      for (const state of this.#players.values()) this.#judgeSetup(state, 0);
      this.#failUnheld();
      this.#pump();
    }
  }

  /** One model of several is waited for as long as others go on; what is left to it alone ends the run. */
  #losePatience(): void {
    const playing = new Set(
      [...this.#underWay.values()].map(({ player }) => player).concat(this.#scheduler.openPlayers),
    );
    const players = [...this.#players].filter(([name]) => playing.has(name)).map(([, state]) => state);
    const fault = outOfPatience({ servers: this.#governors, players }, this.#patienceMs);
    if (fault !== null) this.#endWith(fault, true);
    else tellSilent(players, this.#patienceMs, (text) => this.options.listener?.onNotice?.(text));
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
