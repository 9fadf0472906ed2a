import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT_ROOT } from '../../../config.js';
import { closest } from '../../../yaml/closest.js';
import { asJson } from '../../journal/canonical-json.js';
import type { PromptStamp } from '../../journal/journal.js';
import type { PromptVariables } from '../teacher.js';
import { PromptFault } from './prompt-fault.js';
import { type PromptFile, readPromptFile } from './prompt-file.js';

/** A prompt with its variables filled in. */
export interface FilledPrompt {
  system: string;
  user: string;
  /** Null: the endpoint decides. */
  temperature: number | null;
  answer: 'json' | 'files' | 'text';
  stamp: PromptStamp;
}

/** The prompts that ship, and those of a person that stand over them. Each file is read once. */
export class PromptSet {
  readonly #read = new Map<string, Promise<PromptFile>>();

  /**
   * @param overrides directory of files with the names of those that ship; null: none
   * @param shipped directory of those that ship
   */
  constructor(
    private readonly overrides: string | null,
    private readonly shipped = path.join(PROJECT_ROOT, 'prompts'),
  ) {}

  /**
   * @param variables texts, numbers, lists and records
   * @throws PromptFault with file and line: no such prompt, a file that is none, a name without a value
   */
  async fill(name: string, variables: PromptVariables): Promise<FilledPrompt> {
    const { head, stamp, system, user } = await this.#file(name);
    const values = asJson(variables) as Record<string, unknown>;
    return {
      system: system.fill(values),
      user: user.fill(values),
      temperature: head.temperature,
      answer: head.answer,
      stamp,
    };
  }

  /**
   * Reads all prompts, before a run begins.
   * @returns their stamps, in the order of their names
   * @throws PromptFault with all faults, a file among the overrides that stands over nothing included
   */
  async check(): Promise<PromptStamp[]> {
    const names = await namesIn(this.shipped);
    const faults: string[] = [];
    for (const name of this.overrides === null ? [] : await namesIn(this.overrides)) {
      if (names.includes(name)) continue;
      const near = closest(name, names)[0];
      const file = path.join(this.overrides ?? '', `${name}.md`);
      faults.push(
        `${file}:1: stands over no prompt; ${near ? `did you mean ${near}.md?` : `there are ${names.join(', ')}`}`,
      );
    }
    const stamps: PromptStamp[] = [];
    for (const name of names) {
      try {
        stamps.push((await this.#file(name)).stamp);
      } catch (error) {
        if (!(error instanceof PromptFault)) throw error;
        faults.push(...error.faults);
      }
    }
    if (faults.length > 0) throw new PromptFault(faults);
    return stamps;
  }

  /**
   * Copies all prompts, as they are used, into a directory; one that is there already stays as it is. Complete or absent.
   * @throws PromptFault; the fault of the file system
   */
  async copyTo(directory: string): Promise<void> {
    const aside = `${directory}.new`;
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    for (const name of await namesIn(this.shipped)) {
      await writeFile(path.join(aside, `${name}.md`), (await this.#text(name)).text);
    }
    await rename(aside, directory).catch(async (error: NodeJS.ErrnoException) => {
      await rm(aside, { recursive: true, force: true });
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  }

  #file(name: string): Promise<PromptFile> {
    const known = this.#read.get(name);
    if (known) return known;
    const read = this.#load(name);
    this.#read.set(name, read);
    return read;
  }

  async #load(name: string): Promise<PromptFile> {
    const { file, text } = await this.#text(name);
    return readPromptFile(file, name, text);
  }

  async #text(name: string): Promise<{ file: string; text: string }> {
    for (const directory of this.overrides === null ? [this.shipped] : [this.overrides, this.shipped]) {
      const file = path.join(directory, `${name}.md`);
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw new PromptFault([`${file}:1: cannot be read: ${error.message}`]);
      });
      if (text !== null) return { file, text };
    }
    const names = await namesIn(this.shipped);
    throw new PromptFault([`${path.join(this.shipped, `${name}.md`)}:1: is missing; there are ${names.join(', ')}`]);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory).catch((error: Error) => {
    throw new PromptFault([`${directory}:1: cannot be read: ${error.message}`]);
  });
  return entries
    .flatMap((name) => /^(.+)\.md$/.exec(name)?.[1] ?? [])
    .filter((name) => name !== 'README')
    .sort();
}
