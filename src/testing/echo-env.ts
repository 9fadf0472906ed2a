import { setTimeout as sleep } from 'node:timers/promises';
import type { Env, StepOptions } from '../env/env.js';
import {
  type Action,
  type EpisodeState,
  type Info,
  type Observation,
  type ResetParams,
  type ResetResult,
  RpcError,
  type StepResult,
} from '../protocol/index.js';

/** Where the envs of a test report what they did. */
export interface EchoJournal {
  /** Every action that an env began to work on, in order. */
  actions: { episodeId: string; action: Action }[];
  /** Envs that were reset and not closed. */
  open: number;
}

const MAX_STEPS = 1_000_000;
const CHUNK_BYTES = 1024;
const MAX_EMIT_BYTES = 64 * 2 ** 20;

/**
 * An env without a sandbox, for tests and for measuring the server alone. It answers an action with the same text, and knows:
 * `submit` ends the episode with reward 1; `emit N` writes N bytes, at most 64 MiB; `sleep S` takes S seconds; `block` waits until it is interrupted;
 * `fail` throws what no env should, `lose` what an env with a lost sandbox throws, `surrogate` answers half of a surrogate pair.
 */
export class EchoEnv implements Env {
  private steps = 0;
  private status: EpisodeState['status'] = 'resetting';
  private isTerminated = false;
  private running: AbortController | null = null;
  /** A command that outlived its deadline. */
  private left: Promise<string> | null = null;
  private isOpen = false;
  private readonly startedAt = new Date().toISOString();

  constructor(
    readonly episodeId: string,
    private readonly params: ResetParams,
    private readonly journal: EchoJournal,
    private readonly resetGate: Promise<void> = Promise.resolve(),
  ) {}

  async reset(signal?: AbortSignal): Promise<ResetResult> {
    this.isOpen = true;
    this.journal.open += 1;
    await this.resetGate;
    signal?.throwIfAborted();
    this.status = 'ready';
    return { episode_id: this.episodeId, observation: this.observe('Say something.'), info: this.info() };
  }

  async step(action: Action, options: StepOptions = {}): Promise<StepResult> {
    if (this.running && this.left === null)
      throw new RpcError('episode_busy', 'A command of this episode is still running.');
    const command =
      typeof action === 'string'
        ? action
        : action.type === 'command' || action.type === 'bash'
          ? action.command
          : action.type;
    if (this.left !== null) return this.goOn(command, options);
    this.journal.actions.push({ episodeId: this.episodeId, action });
    this.steps += 1;
    if (command.trim() === 'submit') return this.submit();
    this.running = new AbortController();
    const work = this.run(command, this.running.signal, options);
    return this.settle(work, options);
  }

  async interrupt(): Promise<boolean> {
    this.running?.abort();
    return this.running !== null;
  }

  state(): EpisodeState {
    return {
      episode_id: this.episodeId,
      task: this.params.task,
      status: this.status,
      step_count: this.steps,
      remaining_steps: MAX_STEPS - this.steps,
      terminated: this.isTerminated,
      truncated: false,
      exit_status: this.isTerminated ? 'submitted' : this.status === 'ended' ? 'closed' : null,
      exit_reason: this.isTerminated ? 'submit' : this.status === 'ended' ? 'closed' : null,
      scores: [],
      started_at: this.startedAt,
    };
  }

  async close(): Promise<void> {
    this.status = 'ended';
    this.running?.abort();
    if (this.isOpen) this.journal.open -= 1;
    this.isOpen = false;
  }

  private async goOn(command: string, options: StepOptions): Promise<StepResult> {
    if (command === 'interrupt') this.running?.abort();
    else if (command !== 'wait') throw new RpcError('episode_busy', 'A command is still running.');
    const left = this.left!;
    this.left = null;
    return this.settle(left, options);
  }

  private async settle(work: Promise<string>, { signal, deadlineMs }: StepOptions): Promise<StepResult> {
    const stop = (): void => this.running?.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    const timer = new AbortController();
    const deadline =
      deadlineMs === undefined ? [] : [sleep(deadlineMs, null, { signal: timer.signal }).catch(() => null)];
    try {
      const text = await Promise.race([work, ...deadline]);
      if (text === null) {
        this.left = work;
        return this.result('', { running: true });
      }
      this.running = null;
      return this.result(text, {});
    } catch (error) {
      this.running = null;
      throw error;
    } finally {
      timer.abort();
      signal?.removeEventListener('abort', stop);
    }
  }

  private async run(command: string, signal: AbortSignal, { onOutput }: StepOptions): Promise<string> {
    const [verb, argument = ''] = command.trim().split(' ', 2);
    switch (verb) {
      case 'emit':
        return emit(Math.min(Number(argument), MAX_EMIT_BYTES), onOutput);
      case 'sleep':
        await sleep(Number(argument) * 1000, undefined, { signal }).catch(() => {});
        return 'awake';
      case 'block':
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        return 'interrupted';
      case 'fail':
        throw new Error('a secret of the server');
      case 'lose':
        this.status = 'ended';
        throw new RpcError('sandbox_unavailable', 'The sandbox was lost.');
      case 'surrogate':
        return 'half \ud83d of a pair';
      default:
        return command;
    }
  }

  private submit(): StepResult {
    this.isTerminated = true;
    this.status = 'ended';
    return { ...this.result('Exited (submit)', {}), reward: 1, terminated: true };
  }

  private result(text: string, changes: Partial<Observation>): StepResult {
    return {
      episode_id: this.episodeId,
      observation: { ...this.observe(text), ...changes },
      reward: null,
      terminated: false,
      truncated: false,
      info: this.info(),
    };
  }

  private observe(text: string): Observation {
    return {
      text,
      cwd: '/',
      open_file: null,
      state: '{}',
      step: this.steps,
      remaining_steps: MAX_STEPS - this.steps,
      exit_code: 0,
      running: false,
      omitted_bytes: 0,
    };
  }

  private info(): Info {
    return {
      episode_id: this.episodeId,
      task: this.params.task,
      task_hash: 'sha256:echo',
      seed: this.params.seed ?? null,
      metric: null,
      direction: null,
      baseline: null,
      baseline_scores: null,
      score: this.isTerminated ? 1 : null,
      metrics: null,
      metrics_json: null,
      scores: [],
      valid: null,
      exit_status: this.isTerminated ? 'submitted' : null,
      exit_reason: this.isTerminated ? 'submit' : null,
      mlgym_exit_status: this.isTerminated ? 'submitted' : '',
      submission: null,
      step_ms: 0,
      evaluation_ms: null,
    };
  }
}

/** Writes digits, and lets the event loop turn between chunks. */
async function emit(sizeBytes: number, onOutput: StepOptions['onOutput']): Promise<string> {
  const text = '0123456789'.repeat(Math.ceil(sizeBytes / 10)).slice(0, sizeBytes);
  for (let offset = 0; offset < sizeBytes && onOutput; offset += CHUNK_BYTES) {
    onOutput(Buffer.from(text.slice(offset, offset + CHUNK_BYTES)), offset);
    if (offset % (CHUNK_BYTES * 64) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return text;
}
