import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { type DockerEngine, engineStatus } from './docker-engine.js';

const KEPT_OUTPUT_BYTES = 4096;
const REMOVED_DEADLINE_MS = 30_000;
const REMOVED_STEP_MS = 20;
const EVENTS_DEADLINE_MS = 5000;

/** Handler of a rejection that lets one status of the engine pass. */
export function ignoreStatus(status: number): (error: unknown) => void {
  return (error) => {
    if (engineStatus(error) !== status) throw error;
  };
}

/** A container's state; null when there is none of that name. */
export async function inspectContainer(engine: DockerEngine, id: string): Promise<Docker.ContainerInspectInfo | null> {
  return engine.call('read', (docker, signal) =>
    docker
      .getContainer(id)
      .inspect({ abortSignal: signal })
      .catch((error: unknown) => {
        ignoreStatus(404)(error);
        return null;
      }),
  );
}

/** A container that was started, and its output until `stopWatching` is called. */
export interface StartedContainer {
  /** Rejects with what it printed when it ends. */
  ended: Promise<never>;
  stopWatching(): void;
}

/** Starts a container that was created. A container removes itself when it ends, so its output must be caught as it comes. */
export async function startContainer(engine: DockerEngine, id: string, signal: AbortSignal): Promise<StartedContainer> {
  const output = await engine.call(
    'read',
    async (docker) =>
      (await docker.getContainer(id).attach({ stream: true, stdout: true, stderr: true })) as unknown as Readable,
    signal,
  );
  let text = '';
  output.on('data', (chunk: Buffer) => {
    // What frames the parts of the output are control characters.
    if (text.length < KEPT_OUTPUT_BYTES) text += chunk.toString('utf8').replace(/[^\P{Cc}\n]/gu, '');
  });
  const ended = new Promise<never>((_, reject) => {
    const end = (): void => reject(new Error(`it ended while starting: ${text.trim() || 'it printed nothing'}`));
    output.once('end', end);
    output.once('close', end);
    output.on('error', end);
  });
  ended.catch(() => {});
  const stopWatching = (): void => {
    output.destroy();
  };
  try {
    const start = (docker: Docker, ending: AbortSignal): Promise<unknown> =>
      docker.getContainer(id).start({ abortSignal: ending }).catch(ignoreStatus(304));
    await engine.call('start', start, signal);
  } catch (error) {
    stopWatching();
    throw error;
  }
  return { ended, stopWatching };
}

/** Kills and removes a container and waits until the engine has forgotten it. */
export async function removeContainer(engine: DockerEngine, id: string): Promise<void> {
  await engine.call('remove', async (docker, signal) => {
    const container = docker.getContainer(id);
    try {
      await container.remove({ force: true, v: true, abortSignal: signal });
    } catch (error) {
      const status = engineStatus(error);
      if (status === 404) return;
      // Somebody else is removing it.
      if (status !== 409) throw error;
    }
    const until = performance.now() + REMOVED_DEADLINE_MS;
    while (performance.now() < until) {
      const isThere = await container.inspect({ abortSignal: signal }).then(
        () => true,
        (error: unknown) => {
          ignoreStatus(404)(error);
          return false;
        },
      );
      if (!isThere) return;
      await delay(REMOVED_STEP_MS, undefined, { signal });
    }
  });
}

/** Why a container runs no more; null while it runs, or when the engine does not say. */
export async function whyContainerGone(engine: DockerEngine, id: string): Promise<string | null> {
  const container = await inspectContainer(engine, id);
  if (container?.State.Running === true) return null;
  if (container) return describe(String(container.State.ExitCode), container.State.OOMKilled);
  const events = await readEnd(engine, id).catch(() => null);
  return events ?? 'the container was removed';
}

/** What the engine remembers about the end of a container that is gone. */
async function readEnd(engine: DockerEngine, id: string): Promise<string | null> {
  const now = Math.floor(Date.now() / 1000);
  const stream = (await engine.call('read', (docker) =>
    docker.getEvents({ since: now - 86_400, until: now + 1, filters: { container: [id], event: ['die', 'oom'] } }),
  )) as unknown as Readable;
  const timer = setTimeout(() => stream.destroy(), EVENTS_DEADLINE_MS);
  let text = '';
  try {
    for await (const chunk of stream) text += String(chunk);
  } finally {
    clearTimeout(timer);
  }
  const exitCode = /"exitCode":"(\d+)"/.exec(text)?.[1];
  return exitCode === undefined ? null : describe(exitCode, /"(?:Action|status)":"oom"/.test(text));
}

function describe(exitCode: string, ranOutOfMemory: boolean): string {
  if (ranOutOfMemory) return `the container ran out of memory and ended (exit code ${exitCode})`;
  if (exitCode === '0') return 'the container ended: its lifetime was over, or the engine stopped it';
  return `the container ended with exit code ${exitCode}`;
}
