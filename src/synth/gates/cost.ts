import { numberOf, type TrialGate } from '../verification/trial-subject.js';
import type { GateFinding } from './gate.js';

const MIB = 2 ** 20;

/** G8: what the baseline and its evaluation took, beside what they may take. */
export const costGate: TrialGate = {
  name: 'cost',
  async judge(subject) {
    const { cost } = subject.context.settings.verification;
    const memory = cost.memory_bytes ?? subject.context.settings.environment.memory_bytes;
    const measured = {
      baseline_seconds: numberOf(subject, 'structure', 'baseline_seconds') ?? 0,
      baseline_memory_bytes: numberOf(subject, 'structure', 'baseline_memory_bytes') ?? 0,
      baseline_gpu_memory_bytes: numberOf(subject, 'structure', 'baseline_gpu_memory_bytes') ?? 0,
      evaluation_seconds: numberOf(subject, 'structure', 'evaluation_seconds') ?? 0,
    };
    const fail = (fault: Extract<GateFinding, { verdict: 'fail' }>['fault'], detail: string): GateFinding => ({
      verdict: 'fail',
      fault,
      detail,
      measured,
    });
    const { baseline_seconds: seconds, evaluation_seconds: evaluation } = measured;
    if (seconds > cost.baseline_s) {
      return fail(
        'baseline_too_slow',
        `the baseline takes ${seconds.toFixed(1)} s, and ${cost.baseline_s} s are the most`,
      );
    }
    if (measured.baseline_memory_bytes > memory) {
      return fail(
        'baseline_too_big',
        `the baseline takes ${mib(measured.baseline_memory_bytes)}, and ${mib(memory)} are the most`,
      );
    }
    if (cost.gpu_memory_bytes !== null && measured.baseline_gpu_memory_bytes > cost.gpu_memory_bytes) {
      const taken = mib(measured.baseline_gpu_memory_bytes);
      return fail(
        'baseline_too_big',
        `the baseline takes ${taken} of a GPU, and ${mib(cost.gpu_memory_bytes)} are the most`,
      );
    }
    if (evaluation > cost.evaluation_s) {
      return fail(
        'evaluation_timeout',
        `the evaluation takes ${evaluation.toFixed(1)} s, and ${cost.evaluation_s} s are the most`,
      );
    }
    const detail = `baseline ${seconds.toFixed(1)} s and ${mib(measured.baseline_memory_bytes)}, evaluation ${evaluation.toFixed(1)} s`;
    return { verdict: 'pass', detail, measured };
  },
};

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
