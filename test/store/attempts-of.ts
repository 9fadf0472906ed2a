import type { Attempt, Outcome } from '../../src/store/attempt.js';

/** @returns attempts of two models at some tasks, in the order of planning */
export function attemptsOf(tasks: number, each: number): Attempt[] {
  return Array.from({ length: tasks * each }, (_, at) => {
    const task = `pack/task-${Math.floor(at / each)}-v1`;
    const number = at % each;
    const model = number % 2 === 0 ? 'even' : 'odd';
    const id = `${task}/${model}/${String(number).padStart(5, '0')}`;
    return { id, task, task_hash: 'a1', model, number, seed: 2 ** 40 + at, gpus: 0 };
  });
}

export const OUTCOME: Outcome = {
  stop: 'submitted',
  exit_status: 'submitted',
  steps: 5,
  submissions: 2,
  valid: 1,
  direction: 'maximize',
  best: 0.75,
  last: null,
  baseline: 0.5,
  improves: true,
  format_errors: 1,
  input_tokens: 1000,
  cached_tokens: 10,
  output_tokens: 100,
  calls: 6,
  unpriced_calls: 0,
  usd: 0.25,
  seconds: 60,
  model_seconds: 30.5,
  gpu_hours: 0,
  bytes: 190_000,
  sha256: 'ab',
};

export const BEGINNING = { server: 'ws://host:1', episode_id: 'e1', started_at: '2026-01-01T00:00:00.000Z' };
export const ENDED_AT = '2026-01-01T00:01:00.000Z';
