import type { AgentLimits } from '../../agent/agent-limits.js';
import type { AgentListener } from '../../agent/agent-listener.js';
import type { AgentRun, AgentStep } from '../../agent/agent-run.js';
import type { HistoryItem } from '../../agent/history/history-item.js';
import type { FailedAttempt } from '../../agent/models/model.js';
import { shownText } from '../../agent/shown-text.js';
import type { Output } from '../output.js';
import { scoreLine } from '../play/play-turn.js';
import { indentedText, shownLine } from '../play/terminal-text.js';
import { ProgressLine } from '../progress-line.js';
import { ClippedOutput } from './clipped-output.js';
import { FlowingText } from './flowing-text.js';
import { limitsBar } from './limits-bar.js';

const FENCE = '```';
/** Of everything that others say: what begins a line is this program's. */
const INDENT = '  ';

/** Shows a run while it is played: on a terminal as it happens, elsewhere round after round in plain lines. */
export class RunView implements AgentListener {
  readonly #progress: ProgressLine | null;
  #command: ClippedOutput | null = null;
  /** What the model said so far in this call, and how much of it is on the screen. */
  #said = '';
  #written = 0;
  #flow: FlowingText | null = null;

  /** @param name of the run, where it is one of several */
  constructor(
    private readonly output: Output,
    private readonly limits: AgentLimits,
    private readonly name: string | null = null,
  ) {
    this.#progress = output.isTerminal ? new ProgressLine(output) : null;
  }

  onPrompt(_prompt: HistoryItem, { step, remainingSteps }: { step: number; remainingSteps: number }): void {
    this.output.line();
    const title = remainingSteps > 0 ? `Round ${step + 1} of ${step + remainingSteps}` : 'The last round';
    this.output.heading(this.name === null ? title : `${this.name}, ${title.replace(/^./, (c) => c.toLowerCase())}`);
    this.#wait();
  }

  onReasoning(): void {
    this.#progress?.show('the model thinks');
  }

  /** Thoughts are shown as they are made; what follows the first fence is the action. */
  onText(delta: string): void {
    if (!this.output.isTerminal) return;
    this.#said += delta;
    const fence = this.#said.indexOf(FENCE);
    // What may be the beginning of the fence, and the blanks before it, can wait.
    const thought = (fence < 0 ? this.#said : this.#said.slice(0, fence)).replace(/[\s`]+$/, '');
    const fresh = thought.slice(this.#written);
    if (fresh === '') return;
    this.#progress?.clear();
    const lead = this.#flow ? '' : INDENT;
    this.#flow ??= new FlowingText(this.output.columns, INDENT);
    const text = lead + this.#flow.push(shownText(lead ? fresh.trimStart() : fresh));
    if (text !== '') this.output.write(this.output.style('faint', text));
    this.#written = thought.length;
  }

  onRetry({ reason, attempt, waitMs }: FailedAttempt): void {
    const wait = waitMs > 0 ? ` in ${(waitMs / 1000).toFixed(1)} s` : '';
    this.#note(`attempt ${attempt} failed, the next follows${wait}: ${reason}`);
  }

  onRequery(reason: string, attempt: number): void {
    this.#note(`output ${attempt} cannot be used and is asked for again: ${reason}`);
  }

  onAction(thought: string, action: string): void {
    const wasShown = this.#endText();
    const text = shownText(thought.trim());
    if (!wasShown && text !== '') this.output.line(this.output.style('faint', this.#prose(text)));
    const [first = '', ...rest] = shownText(action.trim()).split('\n');
    this.output.line(this.output.style('input', [`$ ${first}`, ...rest.map((line) => INDENT + line)].join('\n')));
    this.#command = new ClippedOutput(this.output, this.#progress);
    this.#progress?.show('it runs');
  }

  onOutput(chunk: Uint8Array): void {
    this.#command?.push(chunk);
  }

  onStep({ action, observation, execution_time, result }: AgentStep, run: AgentRun): void {
    this.#command?.end(observation);
    this.#command = null;
    // Nobody tried to score anything where the model never answered.
    const wasAsked = action.trim() !== 'exit_api' || run.stats.api_calls > 0;
    if (result.info.valid !== null && wasAsked) this.output.line(scoreLine(result, this.output));
    const { exit_code } = result.observation;
    const code = exit_code === null || exit_code === 0 ? '' : `exit code ${exit_code}, `;
    const took = `${code}${execution_time.toFixed(1)} s`;
    this.output.line(this.output.style('faint', `[${took} | ${limitsBar(run, this.limits)}]`));
  }

  onEnd(): void {
    this.#endText();
  }

  #prose(text: string): string {
    if (!this.output.isTerminal) return indentedText(text, INDENT);
    const flow = new FlowingText(this.output.columns, INDENT);
    return INDENT + flow.push(text) + flow.end();
  }

  #wait(): void {
    this.#progress?.show('the model is asked');
  }

  #note(text: string): void {
    this.#endText();
    this.output.line(this.output.style('warn', `(${shownLine(text)})`));
    this.#wait();
  }

  /** @returns whether there was some */
  #endText(): boolean {
    const wasShown = this.#written > 0;
    this.#progress?.clear();
    if (wasShown) this.output.line(this.output.style('faint', this.#flow?.end() ?? ''));
    this.#flow = null;
    this.#said = '';
    this.#written = 0;
    return wasShown;
  }
}
