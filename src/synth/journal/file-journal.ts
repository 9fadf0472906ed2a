import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { storing } from '../../files/storage-fault.js';
import { writeAtomically } from '../../files/write-atomically.js';
import { asJson, canonicalHash } from './canonical-json.js';
import type { Journal, JournalNotes } from './journal.js';
import { entryFile, type JournalEntry, readEntry } from './journal-entry.js';
import { type SecretFilter, secretFilter } from './secret-filter.js';

/** How a journal keeps. */
export interface FileJournalOptions {
  /** Keys and tokens that are known, and are not to be written anywhere. */
  secrets?: readonly (string | undefined)[];
  /** Time, for the dates of entries. */
  now?: () => Date;
}

/** A journal in a directory, one file an entry; an entry is there whole or not at all, whatever ends the process. */
export class FileJournal implements Journal {
  readonly #clean: SecretFilter;
  readonly #now: () => Date;
  /** The last question of each key that is being asked: those of one key come one after the other. */
  readonly #underway = new Map<string, Promise<unknown>>();

  constructor(
    readonly root: string,
    options: FileJournalOptions = {},
  ) {
    this.#clean = secretFilter(options.secrets ?? []);
    this.#now = options.now ?? (() => new Date());
  }

  once<T>(
    key: string,
    question: unknown,
    ask: () => Promise<T>,
    notes?: (answer: T) => JournalNotes,
  ): Promise<{ answer: T; isKept: boolean }> {
    const before = this.#underway.get(key) ?? Promise.resolve();
    const own = before.then(() => this.#once(key, question, ask, notes));
    const settled = own.then(
      () => undefined,
      () => undefined,
    );
    this.#underway.set(key, settled);
    void settled.then(() => {
      if (this.#underway.get(key) === settled) this.#underway.delete(key);
    });
    return own;
  }

  async #once<T>(
    key: string,
    question: unknown,
    ask: () => Promise<T>,
    notes: ((answer: T) => JournalNotes) | undefined,
  ): Promise<{ answer: T; isKept: boolean }> {
    const file = entryFile(this.root, key);
    const asked = this.#clean(asJson(question));
    const question_sha256 = canonicalHash(asked);
    const kept = await storing(file, () => readEntry(file));
    if (kept?.key === key && kept.question_sha256 === question_sha256)
      return { answer: kept.answer as T, isKept: true };
    const answer = this.#clean(asJson(await ask())) as T;
    const { prompt = null, model = null, usage = null, cost_usd = null } = notes?.(answer) ?? {};
    const entry: JournalEntry = {
      version: 1,
      key,
      at: this.#now().toISOString(),
      prompt,
      model,
      usage,
      cost_usd,
      question_sha256,
      question: asked,
      answer,
    };
    await storing(file, async () => {
      await mkdir(path.dirname(file), { recursive: true });
      await writeAtomically(file, [Buffer.from(`${JSON.stringify(entry, null, 1)}\n`)]);
    });
    return { answer, isKept: false };
  }
}
