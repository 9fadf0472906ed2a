import type { Env, StepOptions } from '../../src/env/env.js';
import {
  type Action,
  type EpisodeState,
  ERRORS,
  type ErrorCode,
  type Info,
  type Observation,
  type ResetParams,
  type ResetResult,
  RpcError,
  type StepResult,
  type TaskDetail,
} from '../../src/protocol/index.js';
import type { EnvCatalogue } from '../../src/server/env-catalogue.js';

/** Tasks without a sandbox that do what a command says, and count what was really executed. */
export class ToyGym implements EnvCatalogue {
  /** Every action that an env began, in order. */
  readonly executed: string[] = [];
  readonly live = new Set<ToyEnv>();
  readonly seeds = new Map<string, number | null>();
  /** Set to make the next resets fail. */
  resetFault: ErrorCode | null = null;
  #open!: () => void;
  #gate = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  list(namespace?: string): TaskDetail[] {
    return ['toy/echo-v1', 'toy/other-v1'].filter((task) => task.startsWith(namespace ?? '')).map(detail);
  }

  describe(task: string): TaskDetail {
    const found = this.list().find((known) => known.task === task);
    if (!found) throw new RpcError('unknown_task', `There is no task ${task}.`);
    return found;
  }

  create(episodeId: string, params: ResetParams): ToyEnv {
    this.describe(params.task);
    this.seeds.set(episodeId, params.seed ?? null);
    return new ToyEnv(this, episodeId, params);
  }

  /** Lets every `gate` command end. */
  open(): void {
    this.#open();
  }

  get gate(): Promise<void> {
    return this.#gate;
  }
}

export class ToyEnv implements Env {
  #steps = 0;
  #isOver = false;
  #isRunning = false;
  #stop: (() => void) | null = null;

  constructor(
    private readonly gym: ToyGym,
    readonly episodeId: string,
    private readonly params: ResetParams,
  ) {}

  async reset(): Promise<ResetResult> {
    if (this.gym.resetFault) throw new RpcError(this.gym.resetFault, ERRORS[this.gym.resetFault].meaning);
    this.gym.live.add(this);
    return { episode_id: this.episodeId, observation: this.#observe('welcome'), info: this.#info() };
  }

  async step(action: Action, options: StepOptions = {}): Promise<StepResult> {
    if (this.#isRunning) throw new RpcError('episode_busy', 'A command runs.');
    const text = typeof action === 'string' ? action : 'command' in action ? action.command : action.type;
    this.gym.executed.push(text);
    this.#isRunning = true;
    try {
      const stopped = new Promise<'stopped'>((resolve) => {
        this.#stop = () => resolve('stopped');
        options.signal?.addEventListener('abort', () => resolve('stopped'));
      });
      const output = await Promise.race([this.#run(text, options), stopped]);
      this.#steps++;
      const terminated = text === 'submit';
      this.#isOver = terminated;
      return {
        episode_id: this.episodeId,
        observation: this.#observe(output),
        reward: terminated ? this.#steps : 0,
        terminated,
        truncated: false,
        info: { ...this.#info(), score: terminated ? 0.75 : null, exit_status: terminated ? 'submitted' : null },
      };
    } finally {
      this.#isRunning = false;
      this.#stop = null;
    }
  }

  async interrupt(): Promise<boolean> {
    this.#stop?.();
    return this.#isRunning;
  }

  state(): EpisodeState {
    return {
      episode_id: this.episodeId,
      task: this.params.task,
      status: this.#isOver ? 'ended' : this.#isRunning ? 'running' : 'ready',
      step_count: this.#steps,
      remaining_steps: 50 - this.#steps,
      terminated: this.#isOver,
      truncated: false,
      exit_status: this.#isOver ? 'submitted' : null,
      exit_reason: this.#isOver ? 'submit' : null,
      scores: [],
      started_at: new Date(0).toISOString(),
    };
  }

  async close(): Promise<void> {
    this.#stop?.();
    this.gym.live.delete(this);
  }

  async #run(text: string, { onOutput }: StepOptions): Promise<string> {
    const [name, argument = ''] = text.split(/ (.*)/s);
    switch (name) {
      case 'echo':
        return argument;
      case 'gate':
        await this.gym.gate;
        return 'the gate opened';
      case 'hang':
        return new Promise(() => {});
      case 'fail':
        throw new RpcError(argument as ErrorCode, 'as asked', { asked: true });
      case 'big':
        return 'x'.repeat(Number(argument));
      case 'stream': {
        const total = Number(argument);
        for (let offset = 0; offset < total; offset += 8192) {
          const chunk = new Uint8Array(Math.min(8192, total - offset)).map((_, i) => (offset + i) % 251);
          onOutput?.(chunk, offset);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return `streamed ${total}`;
      }
      case 'stream-text':
        for (let i = 0, offset = 0; i < Number(argument); i++) {
          const chunk = Buffer.from(`line ${i} é\n`);
          onOutput?.(chunk, offset);
          offset += chunk.length;
        }
        return 'streamed';
      default:
        return '';
    }
  }

  #observe(text: string): Observation {
    return {
      text,
      cwd: '/home/agent/workspace',
      open_file: null,
      state: '{}',
      step: this.#steps,
      remaining_steps: 50 - this.#steps,
      exit_code: 0,
      running: false,
      omitted_bytes: 0,
    };
  }

  #info(): Info {
    return {
      episode_id: this.episodeId,
      task: this.params.task,
      task_hash: 'sha256:0',
      seed: this.params.seed ?? null,
      metric: 'score',
      direction: 'maximize',
      baseline: 0.5,
      baseline_scores: null,
      score: null,
      metrics: null,
      metrics_json: null,
      scores: [],
      valid: null,
      exit_status: null,
      exit_reason: null,
      mlgym_exit_status: '',
      submission: null,
      step_ms: 0,
      evaluation_ms: null,
    };
  }
}

function detail(task: string): TaskDetail {
  return {
    task,
    name: task,
    entrypoint: 'CSVSubmissionTasks',
    metric: 'score',
    direction: 'maximize',
    baseline: 0.5,
    gpus: 0,
    max_steps: 50,
    content_hash: 'sha256:0',
    description: `The toy task ${task}.`,
    files: [],
    submission_paths: ['submission.csv'],
    training_timeout_s: 60,
    evaluation_mode: 'sealed',
    template: {},
  };
}
