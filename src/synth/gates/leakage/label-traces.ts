/** What may be found by chance, over everything that is searched. */
const CHANCE = 1e-9;
const SEPARATORS = /[\s,;:|="'`()[\]{}<>]+/;
/** Fewer are no trace: a message may name the classes. */
const FEWEST = 4;
const STRIDES = [1, 2, 3] as const;

/** What gives hidden answers away in a text. */
export interface LabelTrace {
  how: 'in order' | 'beside their ids';
  /** Answers in a row, or pairs. */
  length: number;
}

/** Answers that are searched for in texts: in the order of the test rows, or each beside its id. */
export class LabelTraces {
  readonly #labels: readonly string[];
  readonly #known: ReadonlySet<string>;
  readonly #byId: ReadonlyMap<string, string>;
  /** Chance that two answers are equal. */
  readonly #agreement: number;

  constructor(ids: readonly string[], values: readonly string[]) {
    this.#labels = values.map(canonical);
    this.#known = new Set(this.#labels);
    this.#byId = new Map(ids.map((id, index) => [canonical(id), this.#labels[index] ?? '']));
    const counts = new Map<string, number>();
    for (const label of this.#labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    this.#agreement = [...counts.values()].reduce((sum, count) => sum + (count / values.length) ** 2, 0);
  }

  /** @returns null when the text holds no more of the answers than chance explains */
  find(text: string): LabelTrace | null {
    const words = text.split(SEPARATORS).filter(Boolean);
    const tokens = words.map(canonical);
    return this.#pairs(tokens) ?? this.#runs(tokens) ?? this.#letters(words.map((word) => word.toLowerCase()));
  }

  /** How long a match must be so that chance does not explain it; null when no length is enough. */
  #needed(places: number): number | null {
    if (this.#agreement >= 1) return null;
    const needed = Math.log(CHANCE / Math.max(1, places)) / Math.log(this.#agreement);
    return Math.max(FEWEST, Math.ceil(needed));
  }

  #pairs(tokens: readonly string[]): LabelTrace | null {
    let matches = 0;
    let pairs = 0;
    for (let at = 0; at + 1 < tokens.length; at++) {
      const label = this.#byId.get(tokens[at] ?? '');
      if (label === undefined || !this.#known.has(tokens[at + 1] ?? '')) continue;
      pairs++;
      if (tokens[at + 1] === label) matches++;
    }
    const needed = this.#needed(pairs);
    return needed !== null && matches >= needed && matches > 0.9 * pairs
      ? { how: 'beside their ids', length: matches }
      : null;
  }

  #runs(tokens: readonly string[]): LabelTrace | null {
    const length = this.#needed(tokens.length * this.#labels.length);
    if (length === null || length > this.#labels.length || length > tokens.length) return null;
    const windows = new Set(windowsOf(this.#labels, length));
    for (const stride of STRIDES) {
      for (let phase = 0; phase < stride; phase++) {
        const some = tokens.filter((_, index) => index % stride === phase);
        for (const window of windowsOf(some, length)) if (windows.has(window)) return { how: 'in order', length };
      }
    }
    return null;
  }

  /** Labels of one letter, written without anything between. */
  #letters(words: readonly string[]): LabelTrace | null {
    if (this.#labels.some((label) => label.length !== 1)) return null;
    const joined = this.#labels.join('');
    const length = this.#needed(words.reduce((sum, word) => sum + word.length, 0) * joined.length);
    if (length === null) return null;
    const windows = new Set<string>();
    for (let at = 0; at + length <= joined.length; at++) windows.add(joined.slice(at, at + length));
    for (const word of words) {
      for (let at = 0; at + length <= word.length; at++) {
        if (windows.has(word.slice(at, at + length))) return { how: 'in order', length };
      }
    }
    return null;
  }
}

/** Numbers as far as they are usually written out; words without case. */
function canonical(text: string): string {
  const plain = text.trim();
  const number = Number(plain);
  return plain !== '' && Number.isFinite(number) ? String(Number(number.toPrecision(6))) : plain.toLowerCase();
}

function* windowsOf(tokens: readonly string[], length: number): Generator<string> {
  for (let at = 0; at + length <= tokens.length; at++) yield tokens.slice(at, at + length).join('\0');
}
