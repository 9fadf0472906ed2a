import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { HubAccess } from '../../src/env/supplies/hub/hub-access.js';
import type { HubNeed } from '../../src/env/supplies/hub/hub-need.js';
import type { PreparationListener } from '../../src/env/supplies/preparation-listener.js';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';

/** Makes a directory of state that is removed with the test. */
export async function stateDirectory(): Promise<string> {
  const directory = await mkdtemp('/tmp/gs-state-');
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A Hub that ends with the test. */
export async function standIn(): Promise<HubStandIn> {
  const hub = await HubStandIn.listen();
  onTestFinished(() => hub.close());
  return hub;
}

/** How a test reaches its Hub: without long pauses. */
export function accessTo(hub: Pick<HubStandIn, 'url'>, accessToken?: string): HubAccess {
  return { hubUrl: hub.url, accessToken, fetch, retryMs: 1 };
}

/** A data set that is taken whole, at its main branch. */
export function need(repo: string, facts: Partial<HubNeed> = {}): HubNeed {
  return { type: 'dataset', repo, aliases: [], revision: 'main', configurations: [], files: [], ...facts };
}

/** Remembers what a preparation told. */
export class Heard implements PreparationListener {
  readonly parts: string[] = [];
  readonly bytes: [done: number, total: number][] = [];

  onPart(text: string): void {
    this.parts.push(text);
  }

  onNote(): void {}

  onBytes(doneBytes: number, totalBytes: number): void {
    this.bytes.push([doneBytes, totalBytes]);
  }
}

/** Bytes that look like nothing, the same each time. */
export function noise(bytes: number, seed = 'seed'): Uint8Array {
  const parts: Buffer[] = [];
  for (let size = 0, turn = 0; size < bytes; size += 32, turn++) {
    parts.push(createHash('sha256').update(`${seed} ${turn}`).digest());
  }
  return Buffer.concat(parts).subarray(0, bytes);
}
