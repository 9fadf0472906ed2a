import { asJson, canonicalHash } from './canonical-json.js';
import { firstDifference } from './first-difference.js';
import type { Journal, JournalNotes } from './journal.js';
import { entryFile, readEntry } from './journal-entry.js';
import { type SecretFilter, secretFilter } from './secret-filter.js';

/** A question that the replayed run did not ask, or asked otherwise. */
export class ReplayMismatch extends Error {
  override readonly name = 'ReplayMismatch';

  constructor(
    readonly key: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a replay is told. */
export interface ReplayOptions {
  /** Journal that keeps what is replayed: that of the new run. Unset: nothing is kept. */
  into?: Journal;
  /** Keys and tokens that are known; see `FileJournal`. */
  secrets?: readonly (string | undefined)[];
}

/** Answers from the journal of another run, and asks nobody. */
export class ReplayJournal implements Journal {
  readonly #clean: SecretFilter;

  /** @param from directory of a `FileJournal` */
  constructor(
    readonly from: string,
    private readonly options: ReplayOptions = {},
  ) {
    this.#clean = secretFilter(options.secrets ?? []);
  }

  /** @throws ReplayMismatch naming the key and what differs */
  async once<T>(
    key: string,
    question: unknown,
    _ask: () => Promise<T>,
    notes?: (answer: T) => JournalNotes,
  ): Promise<{ answer: T; isKept: boolean }> {
    const find = () => this.#find<T>(key, question);
    const { into } = this.options;
    const { answer } = into ? await into.once(key, question, find, notes) : { answer: await find() };
    return { answer, isKept: true };
  }

  async #find<T>(key: string, question: unknown): Promise<T> {
    const entry = await readEntry(entryFile(this.from, key));
    if (entry === null)
      throw new ReplayMismatch(key, `${this.from} holds no answer to ${key}: that was not asked then.`);
    const asked = this.#clean(asJson(question));
    if (entry.question_sha256 === canonicalHash(asked)) return entry.answer as T;
    if (isTurn(asked) && isTurn(entry.question)) return entry.answer as T;
    const difference = firstDifference(entry.question, asked) ?? 'its record was changed by hand';
    throw new ReplayMismatch(key, `${key} was another question in ${this.from}: ${difference}`);
  }
}

function isTurn(question: unknown): boolean {
  return typeof (question as { turn?: unknown } | null)?.turn === 'number';
}
