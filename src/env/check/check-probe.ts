import type { Action, StepResult } from '../../protocol/index.js';
import { WORKSPACE } from '../../sandbox/sandbox.js';
import { shellQuote } from '../episode/shell-quote.js';
import { baselineCommand } from '../evaluation/evaluation-command.js';
import { submissionRule } from '../evaluation/submission.js';
import type { Task } from '../task.js';

export { WORKSPACE };

/** Looking through a whole file system for a copy of a hidden file. */
export const SEARCH_TIMEOUT_S = 120;
/** More files than this are not emptied or removed one by one. */
const MAX_PROBED_FILES = 500;

/** An episode that was reset: an env of this process, or that of a client. */
export interface Playable {
  step(action: Action, options?: { signal?: AbortSignal }): Promise<StepResult>;
}

/** An episode that a check plays. */
export class CheckProbe {
  /** Wall-clock of the evaluations so far. */
  readonly evaluationMs: number[] = [];

  constructor(
    private readonly episode: Playable,
    readonly task: Task,
    private readonly signal?: AbortSignal,
  ) {}

  async step(action: Action): Promise<StepResult> {
    this.signal?.throwIfAborted();
    const result = await this.episode.step(action, this.signal ? { signal: this.signal } : {});
    this.signal?.throwIfAborted();
    if (result.info.evaluation_ms !== null) this.evaluationMs.push(result.info.evaluation_ms);
    return result;
  }

  async bash(command: string, timeoutS = SEARCH_TIMEOUT_S): Promise<{ text: string; exitCode: number | null }> {
    const { observation } = await this.step({ type: 'bash', command, timeout_s: timeoutS });
    return { text: observation.text, exitCode: observation.exit_code };
  }

  /** Files that would be submitted now. */
  async submissionFiles(): Promise<string[]> {
    const { text } = await this.bash(`cd ${WORKSPACE} && find . -type f -not -path './data/*' | head -n 20000`);
    const { accepts } = submissionRule(this.task);
    const files = text.split('\n').map((line) => line.replace(/^\.\//, ''));
    return files.filter((file) => file !== '' && accepts(file)).slice(0, MAX_PROBED_FILES);
  }

  /** Runs the baseline as MLGym does. @returns wall-clock in milliseconds; 0 where the starter code is the baseline */
  async runBaseline(): Promise<{ ms: number; failure: string | null }> {
    const { baselinePath, evaluationPath, trainingTimeoutS } = this.task;
    if (baselinePath === null || baselinePath === evaluationPath) return { ms: 0, failure: null };
    const { argv, env } = baselineCommand(this.task, baselinePath);
    const settings = Object.entries(env).map(([name, value]) => `${name}=${shellQuote(value)}`);
    const startedMs = Date.now();
    const { text, exitCode } = await this.bash(
      ['env', ...settings, ...argv.map(shellQuote)].join(' '),
      trainingTimeoutS,
    );
    return { ms: Date.now() - startedMs, failure: exitCode === 0 ? null : text.slice(-2000) };
  }
}
