import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Task } from '../../task.js';

/** Raised when environments of before are not what would be made now. */
const RECIPE = 1;

const ASIDE = '.old-';
const MAKING = '.making-';
/** Longer than an episode lasts. */
const ASIDE_MS = 7 * 24 * 3600_000;

/** What is known of an environment that was made. */
export const PythonRecord = z.object({
  version: z.literal(1),
  image: z.string(),
  python: z.string().describe('version of the interpreter'),
  packages: z.array(z.string()).describe('what was installed, as pip freezes it'),
  prepared_at: z.string(),
});
export type PythonRecord = z.infer<typeof PythonRecord>;

/** Python environments on this machine, by what they were made from: image and requirements. */
export class PythonStore {
  readonly directory: string;

  /** @param identify tells what an image was made from */
  constructor(
    stateDir: string,
    private readonly identify: (image: string) => Promise<string>,
  ) {
    this.directory = path.join(stateDir, 'python');
  }

  /** Names the environment that the programs of a task run in: its own, or that of its image. Rejects as `identify` does. */
  async key({ requirements, sidecar }: Pick<Task, 'requirements' | 'sidecar'>): Promise<string> {
    const { image } = sidecar.resources;
    const { constraints } = sidecar;
    const identity = await this.identify(image);
    const text = requirements && (await readFile(requirements.hostPath, 'utf8'));
    const hash = createHash('sha256').update(
      JSON.stringify([RECIPE, image, identity, text, text === null ? [] : constraints]),
    );
    return `${text === null ? 'image' : 'python'}-${hash.digest('hex').slice(0, 16)}`;
  }

  /** Where an environment lies when it is complete; below it `env` is what is mounted. */
  place(key: string): string {
    return path.join(this.directory, key);
  }

  /** Where an environment is made; a try that was cut off leaves here what the next one can use. */
  making(key: string): string {
    return path.join(this.directory, `${MAKING}${key}`);
  }

  /**
   * Moves an environment into its place. One that was there stays aside for the sandboxes that have it mounted; what is
   * older than any of these goes.
   */
  async put(key: string, made: string): Promise<void> {
    for (const name of await readdir(this.directory)) {
      const aside = path.join(this.directory, name);
      const { ctimeMs } = await stat(aside).catch(() => ({ ctimeMs: Date.now() }));
      const isLeft = [ASIDE, MAKING].some((start) => name.startsWith(start)) && name !== path.basename(made);
      if (isLeft && Date.now() - ctimeMs > ASIDE_MS) await rm(aside, { recursive: true, force: true });
    }
    await rename(this.place(key), path.join(this.directory, `${ASIDE}${key}-${Date.now()}`)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
    await rename(made, this.place(key));
  }

  /** @returns null while it was not made */
  async find(key: string): Promise<PythonRecord | null> {
    try {
      return PythonRecord.parse(JSON.parse(await readFile(path.join(this.place(key), 'record.json'), 'utf8')));
    } catch {
      return null;
    }
  }
}
