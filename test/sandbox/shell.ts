import type { CommandResult, RunOptions, Sandbox } from '../../src/sandbox/sandbox.js';

/** Runs commands in a sandbox with ids and limits of its own. */
export class Shell {
  #count = 0;
  readonly #seen = new Map<string, string>();
  readonly #watchers = new Set<() => void>();

  constructor(readonly sandbox: Sandbox) {}

  async run(command: string, options: Partial<RunOptions> = {}): Promise<CommandResult & { text: string }> {
    const commandId = options.commandId ?? `shell-${process.pid}-${this.#count++}`;
    const watch = (chunk: Uint8Array, offset: number): void => {
      options.onOutput?.(chunk, offset);
      this.#seen.set(commandId, (this.#seen.get(commandId) ?? '') + Buffer.from(chunk).toString());
      for (const watcher of this.#watchers) watcher();
    };
    const result = await this.sandbox.run(command, {
      timeoutMs: 30_000,
      keepBytes: { head: 100_000, tail: 100_000 },
      ...options,
      commandId,
      // Only a command that somebody names can be waited for.
      onOutput: options.commandId === undefined ? options.onOutput : watch,
    });
    if (options.commandId === undefined) this.sandbox.acknowledge(commandId);
    return { ...result, text: Buffer.from(result.output).toString('latin1') };
  }

  /** Output of a command that must not be cut short. */
  async text(command: string): Promise<string> {
    const result = await this.run(command);
    if (result.status !== 'exited') throw new Error(`"${command}" ${result.status}: ${result.text}`);
    return result.text;
  }

  /** Waits until a running command has printed something; rejects when it ends without. */
  until(text: string, running: Promise<unknown>, commandId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!this.#seen.get(commandId)?.includes(text)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      running.then(() => reject(new Error(`${commandId} ended without "${text}"`)), reject);
      look();
    });
  }
}
