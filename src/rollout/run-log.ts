import { createWriteStream, type WriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type { AgentListener } from '../agent/agent-listener.js';
import type { AgentRun, AgentStep } from '../agent/agent-run.js';
import type { HistoryItem } from '../agent/history/history-item.js';
import type { FailedAttempt } from '../agent/models/model.js';

/** What happened in a run, for people: `run-<yymmddHHMMSS>.log` in its directory. A disk that is full ends the log alone. */
export class RunLog implements AgentListener {
  readonly #stream: WriteStream;

  constructor(directory: string, startedAt = new Date()) {
    const stamp = localTime(startedAt).replace(/\D/g, '').slice(2);
    this.#stream = createWriteStream(path.join(directory, `run-${stamp}.log`), { flags: 'a' });
    this.#stream.on('error', () => this.#stream.destroy());
  }

  onStart(run: AgentRun): void {
    this.#write(`${run.agent} plays ${run.task.task} as episode ${run.episodeId}`);
    for (const { role, content } of run.history) this.#write(role.toUpperCase(), content);
  }

  onPrompt({ content }: HistoryItem, { step }: { step: number }): void {
    this.#write(`PROMPT after step ${step}`, content);
  }

  onRetry({ code, reason, attempt, waitMs }: FailedAttempt): void {
    this.#write(`ENDPOINT (${attempt}) ${code}, asked again in ${(waitMs / 1000).toFixed(1)} s`, reason);
  }

  onRequery(reason: string, attempt: number): void {
    this.#write(`OUTPUT REFUSED (${attempt})`, reason);
  }

  onAction(thought: string, action: string): void {
    this.#write('THOUGHT', thought);
    this.#write('ACTION', action);
  }

  onStep({ observation, execution_time, result }: AgentStep): void {
    this.#write(`OBSERVATION after ${execution_time.toFixed(3)} s`, observation);
    const { score, metrics_json } = result.info;
    if (metrics_json !== null) this.#write(`SCORE ${score}: ${metrics_json}`);
  }

  async onEnd({ stop, failure, exitStatus, stats }: AgentRun): Promise<void> {
    this.#write(`END (${stop}) ${exitStatus}`, failure ?? '');
    this.#write(`STATS ${JSON.stringify(stats)}`);
    await this.close();
  }

  /** Writes what there is. Idempotent, never rejects. */
  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream).catch(() => undefined);
  }

  #write(title: string, text = ''): void {
    if (this.#stream.destroyed) return;
    const body = text === '' ? '' : `${text.trimEnd()}\n`;
    this.#stream.write(`${localTime(new Date())} ${title}\n${body}`);
  }
}

function localTime(date: Date): string {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}
