import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { storing } from '../../files/storage-fault.js';
import { writeAtomically } from '../../files/write-atomically.js';
import { RunError } from '../../run/run-error.js';
import { Candidate } from '../candidate.js';
import type { RunPlaces } from './run-places.js';

const FILE = 'candidate.json';
/** Files that are read at once. */
const AT_ONCE = 32;

/** The candidates of a run on disk. A record there is whole: the old one or the new one. */
export class CandidateStore {
  readonly #writes = new Map<string, Promise<void>>();

  constructor(private readonly places: RunPlaces) {}

  /**
   * @returns all candidates by the order of their ids; a directory that was made and never written into holds none
   * @throws RunError naming a file that cannot be read, is damaged, or belongs elsewhere
   */
  async load(): Promise<Candidate[]> {
    const entries = await readdir(this.places.candidates, { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      },
    );
    const ids = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const found: Candidate[] = [];
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => this.#read(id)));
      found.push(...some.filter((candidate) => candidate !== null));
    }
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Writes a candidate; writes of one candidate follow each other. @throws the fault of the file system */
  save(candidate: Candidate): Promise<void> {
    const before = this.#writes.get(candidate.id) ?? Promise.resolve();
    const write = before.catch(() => {}).then(() => this.#write(candidate));
    this.#writes.set(candidate.id, write);
    return write.finally(() => {
      if (this.#writes.get(candidate.id) === write) this.#writes.delete(candidate.id);
    });
  }

  async #write(candidate: Candidate): Promise<void> {
    const directory = this.places.candidate(candidate.id);
    const text = `${JSON.stringify(candidate, null, 2)}\n`;
    await storing(directory, async () => {
      await mkdir(directory, { recursive: true });
      await writeAtomically(path.join(directory, FILE), [Buffer.from(text)]);
    });
  }

  async #read(id: string): Promise<Candidate | null> {
    const file = path.join(this.places.candidate(id), FILE);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    const remedy = `Remove ${path.dirname(file)} to have the candidate made anew, or put the file back from a copy.`;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new RunError(`${file} is damaged: ${(error as Error).message}`, remedy, { cause: error });
    }
    const parsed = Candidate.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const what = `${issue?.path.join('.') || 'the file'}: ${issue?.message}`;
      throw new RunError(`${file} is no candidate of this version: ${what}`, remedy);
    }
    if (parsed.data.id !== id) {
      throw new RunError(`${file} is the candidate ${parsed.data.id}, which belongs elsewhere`, remedy);
    }
    return parsed.data;
  }
}
