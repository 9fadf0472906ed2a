import type { Env } from '../env/env.js';
import { type ResetParams, RpcError, type TaskDetail, type TaskSummary } from '../protocol/index.js';
import type { EnvCatalogue } from '../server/env-catalogue.js';
import { EchoEnv, type EchoJournal } from './echo-env.js';

/** Tasks whose envs are `EchoEnv`s, and what these did. */
export class EchoCatalogue implements EnvCatalogue {
  readonly journal: EchoJournal = { actions: [], open: 0 };
  /** Resets begun while this is pending end after it. */
  resetGate: Promise<void> = Promise.resolve();

  constructor(private readonly tasks: readonly string[] = ['bench/echo-v1']) {}

  list(namespace?: string): TaskSummary[] {
    return this.tasks.filter((task) => namespace === undefined || task.startsWith(`${namespace}/`)).map(summary);
  }

  describe(task: string): TaskDetail {
    return {
      ...summary(this.resolve(task)),
      description: 'Say something.',
      files: [],
      submission_paths: [],
      training_timeout_s: 60,
      evaluation_mode: 'sealed',
      template: {},
    };
  }

  create(episodeId: string, params: ResetParams): Env {
    return new EchoEnv(episodeId, { ...params, task: this.resolve(params.task) }, this.journal, this.resetGate);
  }

  private resolve(task: string): string {
    const found = this.tasks.find((known) => known === task || known.replace(/-v\d+$/, '') === task);
    if (!found) throw new RpcError('unknown_task', `No task ${task}. There are: ${this.tasks.join(', ')}.`);
    return found;
  }
}

function summary(task: string): TaskSummary {
  return {
    task,
    name: task,
    entrypoint: 'none',
    metric: null,
    direction: null,
    baseline: null,
    gpus: 0,
    max_steps: 1_000_000,
    content_hash: 'sha256:echo',
  };
}
