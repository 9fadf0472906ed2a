import { log } from '../../log.js';
import type { ModelStats } from '../agent-run.js';
import type { ModelReply } from './model.js';

/** Where an episode ends for its price. Zero: no limit. */
export interface CostLimits {
  /** Dollars of one task. */
  taskUsd: number;
  /** Dollars of everything that shares a `TotalCost`. */
  totalUsd: number;
  /** Tokens of one task, sent and received. */
  taskTokens: number;
}

/** What several episodes spend together: give one to the meters of all. */
export interface TotalCost {
  /** Dollars. */
  usd: number;
  /** That a call had no known price was said. */
  isUnpricedReported: boolean;
}

const NO_LIMITS: CostLimits = { taskUsd: 0, totalUsd: 0, taskTokens: 0 };

/** Counts what the calls of an episode take and says when that is enough. */
export class CostMeter {
  readonly #stats: ModelStats = { total_cost: 0, task_cost: 0, tokens_sent: 0, tokens_received: 0, api_calls: 0 };
  readonly #limits: CostLimits;

  /** @param total shared by the episodes that `totalUsd` limits together; by default this one alone */
  constructor(
    limits: Partial<CostLimits> = {},
    private readonly total: TotalCost = { usd: 0, isUnpricedReported: false },
  ) {
    this.#limits = { ...NO_LIMITS, ...limits };
  }

  /** What it came to so far; `total_cost` is that of all who share the total. */
  get stats(): ModelStats {
    return { ...this.#stats, total_cost: this.total.usd };
  }

  /**
   * Counts an answer that was paid for.
   * @param model named in the warning that its price is not known, which is given once when dollars are limited
   */
  add(reply: Pick<ModelReply, 'usage' | 'costUsd'>, model: string): void {
    this.#stats.api_calls++;
    this.#stats.tokens_sent += reply.usage.inputTokens;
    this.#stats.tokens_received += reply.usage.outputTokens;
    this.#stats.task_cost += reply.costUsd ?? 0;
    this.total.usd += reply.costUsd ?? 0;
    const isLimited = this.#limits.taskUsd > 0 || this.#limits.totalUsd > 0;
    if (reply.costUsd !== null || !isLimited || this.total.isUnpricedReported) return;
    this.total.isUnpricedReported = true;
    log.warn({ model }, 'The price of this model is not known: its calls do not count towards the cost limit.');
  }

  /** @returns which limit is reached; to be asked after an answer was counted and used */
  get reached(): 'cost' | 'tokens' | null {
    const { taskUsd, totalUsd, taskTokens } = this.#limits;
    if (totalUsd > 0 && this.total.usd >= totalUsd) return 'cost';
    if (taskUsd > 0 && this.#stats.task_cost >= taskUsd) return 'cost';
    const tokens = this.#stats.tokens_sent + this.#stats.tokens_received;
    return taskTokens > 0 && tokens >= taskTokens ? 'tokens' : null;
  }
}
