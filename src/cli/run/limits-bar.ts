import type { AgentLimits } from '../../agent/agent-limits.js';
import type { AgentRun } from '../../agent/agent-run.js';

const BAR_WIDTH = 10;

/** @returns how much of each limit is used up, and what was used where there is none */
export function limitsBar({ stats, startedAtMs, endedAtMs, steps }: AgentRun, limits: AgentLimits): string {
  const { step = 0, remaining_steps = 0 } = steps.at(-1)?.result.observation ?? {};
  const seconds = (endedAtMs - startedAtMs) / 1000;
  const tokens = stats.tokens_sent + stats.tokens_received;
  return [
    part(`step ${step}`, step, step + remaining_steps, String),
    part(`${shortCount(tokens)} tokens`, tokens, limits.taskTokens, shortCount),
    // A bar of dollars that stands still would say that there is a limit.
    ...(isPriced(steps) ? [part(dollars(stats.task_cost), stats.task_cost, limits.taskUsd, dollars)] : []),
    part(duration(seconds), seconds, limits.timeMs / 1000, duration),
  ].join('  ');
}

/** @returns whether it is known what a call cost */
export function isPriced(steps: AgentRun['steps']): boolean {
  return steps.some(({ calls }) => calls.some(({ cost_usd }) => cost_usd !== null));
}

function part(used: string, value: number, limit: number, write: (limit: number) => string): string {
  if (limit <= 0) return used;
  const filled = Math.min(BAR_WIDTH, Math.round((value / limit) * BAR_WIDTH));
  return `${used} ${'\u2588'.repeat(filled)}${'\u2591'.repeat(BAR_WIDTH - filled)} ${write(limit)}`;
}

/** @returns 950, 12.3k, 4.5M */
export function shortCount(count: number): string {
  if (count < 1000) return String(count);
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

export function dollars(usd: number): string {
  return `$${usd === 0 || usd >= 1 ? usd.toFixed(2) : usd.toPrecision(2)}`;
}

export function duration(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
