import type { BudgetReached } from '../run/budget-reached.js';
import type { Output } from './output.js';
import { shownLine } from './play/terminal-text.js';

/** How a run came to stand still before its end. */
type CutShort = { why: 'budget'; reached: BudgetReached } | { why: 'stopped' } | { why: 'fault'; error: Error };

const RAISED = { usd: '--max-usd', tokens: '--max-tokens', gpu_hours: '--max-gpu-hours', hours: '--max-hours' };

/**
 * Says why a run stands still and how it goes on.
 * @param again command that goes on with it
 * @returns the exit code
 */
export function tellCutShort(end: CutShort, again: string, output: Output): number {
  const next = (command: string) => output.line(`next: ${output.style('accent', command)}`);
  switch (end.why) {
    case 'budget':
      output.line(output.style('warn', `${end.reached.message}. Everything is saved.`));
      next(`${again} ${RAISED[end.reached.what]} <more>`);
      return 3;
    case 'stopped':
      output.line(output.style('warn', 'Stopped. Everything is saved.'));
      next(again);
      return 130;
    case 'fault':
      output.line(`${output.style('bad', 'error')}: ${shownLine(end.error.message)}`);
      output.line('Everything is saved. Mend that, and go on:');
      next(again);
      return 1;
  }
}
