import type { TrainRecord } from './train-record.js';
import type { TrainState } from './train-state.js';

/** Steps at each end whose loss is averaged: a single one is noise. */
const ENDS = 0.1;

/** `report.json`: how a training went, in numbers. */
export interface TrainReport {
  version: 1;
  software: string;
  state: 'done' | 'stopped' | 'under way';
  step: number;
  of: number;
  /** Mean of the first and of the last tenth of the steps. */
  loss: { first: number | null; last: number | null };
  held_out: { first: number | null; best: number | null; last: number | null };
  tokens: number;
  seconds: number;
  tokens_per_second: number | null;
  memory_bytes: number;
  parameters: number | null;
  trainable: number | null;
  /** Below the directory. */
  model: string | null;
}

export function trainReport(record: TrainRecord, state: TrainState): TrainReport {
  const { steps, evals, last, end } = state;
  const losses = steps.flatMap(({ loss }) => (loss === null ? [] : [loss]));
  const held = evals.flatMap(({ loss }) => (loss === null ? [] : [loss]));
  const ends = Math.max(1, Math.floor(losses.length * ENDS));
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  const tokens = last?.tokens ?? 0;
  return {
    version: 1,
    software: record.software,
    state: end?.reason ?? 'under way',
    step: last?.step ?? 0,
    of: last?.of ?? 0,
    loss: { first: mean(losses.slice(0, ends)), last: mean(losses.slice(-ends)) },
    held_out: { first: held[0] ?? null, best: held.length > 0 ? Math.min(...held) : null, last: held.at(-1) ?? null },
    tokens,
    seconds,
    tokens_per_second: seconds > 0 ? tokens / seconds : null,
    memory_bytes: Math.max(0, ...steps.map(({ memory_bytes }) => memory_bytes)),
    parameters: record.facts?.model.parameters ?? null,
    trainable: record.facts?.model.trainable ?? null,
    model: end?.path ?? null,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
