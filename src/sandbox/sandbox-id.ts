import { randomBytes } from 'node:crypto';

/** A new id of a sandbox; also a file name, a container name and a label. */
export function createSandboxId(): string {
  return `sb-${randomBytes(10).toString('hex')}`;
}

/** Whether a string can be an id that `createSandboxId` made. */
export function isSandboxId(text: string): boolean {
  return /^sb-[0-9a-f]{20}$/.test(text);
}
