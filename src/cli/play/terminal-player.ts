import { createInterface, type Interface } from 'node:readline';
import type { Episode, TaskDetail } from '../../client/index.js';
import { RpcError } from '../../protocol/index.js';
import type { Output } from '../output.js';
import { ActionLines } from './action-lines.js';
import { playTurn } from './play-turn.js';
import { terminalText, wrapText } from './terminal-text.js';

const HELP = `Type what an agent would send; every complete line is one step.
  any shell text                     runs in a shell that keeps its state
  open FILE [LINE], goto LINE, scroll_up, scroll_down, create FILE
  edit START:END ... end_of_edit     replaces lines; the text stands on lines of its own
  insert LINE ... end_of_insert      puts text behind a line
  search_dir TERM [DIR], search_file TERM [FILE], find_file NAME [DIR]
  validate                           scores what there is and goes on
  submit                             scores what there is and ends the episode
A line goes on in the next one after a \\ at its end, and in a here-document (<<END).
Ctrl-C ends the running command, or clears the line. Of the terminal itself:
  :help  :state  :task  :quit`;

export interface PlayerInput {
  input: NodeJS.ReadableStream;
  /** Lines are edited, and a prompt is shown. */
  isTerminal: boolean;
  /** Lines of earlier plays, newest first. */
  history: string[];
  onHistory: (history: string[]) => void;
}

/** A person at a terminal, or lines from a pipe, playing one episode. */
export class TerminalPlayer {
  readonly #lines = new ActionLines();
  readonly #readline: Interface;
  #isRunning = false;
  #abort = new AbortController();
  #interrupts = 0;

  constructor(
    private readonly episode: Episode,
    private readonly task: TaskDetail,
    private readonly output: Output,
    private readonly given: PlayerInput,
  ) {
    const { input, isTerminal, history, onHistory } = given;
    const shown = isTerminal && { output: output.stream, history };
    this.#readline = createInterface({ input, ...shown, terminal: isTerminal });
    this.#readline.on('history', onHistory);
    this.#readline.on('SIGINT', () => this.#interrupt());
  }

  /** Plays until the episode or the input ends, or the person leaves. */
  async play(): Promise<void> {
    this.#prompt();
    for await (const line of this.#readline) {
      if (await this.#take(line)) break;
      this.#prompt();
    }
    this.#readline.close();
  }

  /** @returns whether the play is over */
  async #take(line: string): Promise<boolean> {
    if (!this.#lines.isOpen) {
      if (line.trim() === '') return false;
      if (line.startsWith(':')) return this.#meta(line.trim());
    }
    const action = this.#lines.push(line);
    if (action === null) return false;
    this.#isRunning = true;
    this.#interrupts = 0;
    this.#abort = new AbortController();
    try {
      const { terminated, truncated } = await playTurn(this.episode, action, this.output, this.#abort.signal);
      return terminated || truncated;
    } catch (error) {
      if (!(error instanceof RpcError) && !this.#abort.signal.aborted) throw error;
      this.output.line(this.output.style('bad', (error as Error).message));
      return error instanceof RpcError && (error.code === 'episode_over' || error.code === 'unknown_episode');
    } finally {
      this.#isRunning = false;
    }
  }

  async #meta(line: string): Promise<boolean> {
    const { output } = this;
    if (line === ':quit' || line === ':q') return true;
    if (line === ':task') output.line(wrapText(terminalText(this.task.description), output));
    else if (line === ':state') output.line(JSON.stringify(await this.episode.state(), null, 2));
    else if (line === ':help') output.line(HELP);
    else output.line(`${line} is none of :help :state :task :quit`);
    return false;
  }

  #interrupt(): void {
    if (!this.#isRunning) {
      const wasOpen = this.#lines.isOpen || this.#readline.line !== '';
      this.#lines.clear();
      this.#readline.write(null, { ctrl: true, name: 'e' });
      this.#readline.write(null, { ctrl: true, name: 'u' });
      this.output.line(wasOpen ? '' : this.output.style('faint', '\n:quit or Ctrl-D leaves'));
      this.#prompt();
      return;
    }
    this.#interrupts++;
    this.output.line(this.output.style('warn', '^C'));
    if (this.#interrupts > 2) this.#abort.abort();
    else this.episode.interrupt().catch(() => undefined);
  }

  #prompt(): void {
    if (!this.given.isTerminal) return;
    const { isOpen, endLine } = this.#lines;
    const prompt = isOpen ? `${endLine ? `(${endLine}) ` : ''}> ` : 'gym> ';
    this.#readline.setPrompt(this.output.style(isOpen ? 'faint' : 'input', prompt));
    this.#readline.prompt();
  }
}
