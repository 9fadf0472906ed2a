import { describe, expect, it } from 'vitest';
import { endKind, mlgymExitStatus } from '../../src/env/evaluation/exit-status.js';
import { EXIT_REASONS, type ExitReason } from '../../src/protocol/index.js';

describe('mlgymExitStatus [E4]', () => {
  it.each([
    ['submitted', 'submit', 'submitted'],
    ['autosubmission', 'max_steps', 'autosubmission (max_steps)'],
    ['autosubmission', 'exit_context', 'autosubmission (exit_context)'],
    ['submission_not_found', 'submit', 'submission_not_found (submit)'],
    ['submission_not_found', 'exit_cost', 'submission_not_found (exit_cost)'],
    ['evaluation_format_error', 'exit_format', 'evaluation_format_error (exit_format)'],
    ['early_exit', 'shell_lost', 'early_exit'],
    ['skipped', 'skip', 'skipped'],
    ['exit_forfeit', 'exit_forfeit', 'exit_forfeit'],
    ['sandbox_unavailable', 'sandbox_lost', ''],
    ['closed', 'closed', ''],
    [null, null, ''],
  ] as const)('says %s by %s in the words of MLGym', (status, reason, text) => {
    expect(mlgymExitStatus(status, reason)).toBe(text);
  });

  it('names the exception that ended an evaluation', () => {
    const error = { class: 'TimeoutError', message: 'Timeout reached' };
    expect(mlgymExitStatus('evaluation_error', 'submit', error)).toBe('TimeoutError, Timeout reached, (submit)');
  });
});

describe('endKind', () => {
  it('is a termination by the task or a truncation by a limit, never both', () => {
    const terminating = new Set<ExitReason>(['submit', 'exit_forfeit', 'skip']);
    for (const reason of EXIT_REASONS) {
      const terminated = terminating.has(reason);
      expect(endKind(reason)).toEqual({ terminated, truncated: !terminated });
    }
  });
});
