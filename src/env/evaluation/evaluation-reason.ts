import type { ExitReason } from '../../protocol/index.js';
import type { ShellOutcome } from '../episode/agent-shell.js';

/**
 * Why a finished command leads to an evaluation; null when it does not.
 * @param compat MLGym ends the episode with the shell, and only validates when a line asks for both
 */
export function evaluationReason(
  { shellLost, requests }: Pick<ShellOutcome, 'shellLost' | 'requests'>,
  compat: 'mlgym' | 'fixed',
): ExitReason | 'validate' | null {
  if (shellLost && compat === 'mlgym') return 'shell_lost';
  const order = compat === 'mlgym' ? (['validate', 'submit'] as const) : (['submit', 'validate'] as const);
  return order.find((request) => requests.includes(request)) ?? null;
}
