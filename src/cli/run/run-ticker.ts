import type { AgentLimits } from '../../agent/agent-limits.js';
import type { AgentListener } from '../../agent/agent-listener.js';
import type { AgentRun, AgentStep } from '../../agent/agent-run.js';
import type { FailedAttempt } from '../../agent/models/model.js';
import type { Output } from '../output.js';
import { formatScore } from '../play/play-turn.js';
import { shownLine } from '../play/terminal-text.js';
import { exitText } from './exit-text.js';
import { limitsBar } from './limits-bar.js';

const ACTION_CHARACTERS = 60;

/** Shows one run among several that are played at once: a line for each round. */
export class RunTicker implements AgentListener {
  constructor(
    private readonly output: Output,
    private readonly name: string,
    private readonly limits: AgentLimits,
  ) {}

  onRetry({ reason }: FailedAttempt): void {
    this.#line(this.output.style('warn', `asked again: ${shownLine(reason)}`));
  }

  onStep({ action, result }: AgentStep, run: AgentRun): void {
    const first = shownLine(action.trim().split('\n')[0] ?? '').slice(0, ACTION_CHARACTERS);
    const { score, metric } = result.info;
    const shown =
      score === null ? '' : `  ${this.output.style('good', `${shownLine(metric ?? '')} ${formatScore(score)}`)}`;
    this.#line(
      `${first.padEnd(ACTION_CHARACTERS)}  ${this.output.style('faint', limitsBar(run, this.limits))}${shown}`,
    );
  }

  onEnd(run: AgentRun): void {
    const { failure } = run;
    this.#line(`${this.output.style('heading', exitText(run))}${failure ? `: ${shownLine(failure)}` : ''}`);
  }

  #line(text: string): void {
    this.output.line(`${this.output.style('accent', this.name)}  ${text}`);
  }
}
