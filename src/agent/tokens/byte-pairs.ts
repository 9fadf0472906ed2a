/** Slots of a table are so many times as many as its entries: a search ends after one or two looks. */
const ROOM = 2;
/** Ids are below. */
const MAX_IDS = 2 ** 22;
/** Pieces up to so many bytes are merged by looking through them; longer ones with a heap, because looking is quadratic. */
const SHORT_BYTES = 48;

/** What pairs of tokens merge into. All of it is shared memory: threads use one copy. */
export interface MergeTable {
  /** Id of the token of each byte. */
  bytes: Int32Array;
  /** By slot: 1 + the pair's key; 0: free. */
  keys: Float64Array;
  /** By slot: how late the pair is merged. */
  ranks: Int32Array;
  /** By slot: the token that comes of it. */
  results: Int32Array;
}

/** @param merges left, right and the token that they make, in the order in which they are merged */
export function mergeTable(
  bytes: readonly number[],
  merges: readonly (readonly [number, number, number])[],
): MergeTable {
  const slots = 2 ** Math.ceil(Math.log2(merges.length * ROOM + 2));
  const table: MergeTable = {
    bytes: new Int32Array(new SharedArrayBuffer(4 * bytes.length)),
    keys: new Float64Array(new SharedArrayBuffer(8 * slots)),
    ranks: new Int32Array(new SharedArrayBuffer(4 * slots)),
    results: new Int32Array(new SharedArrayBuffer(4 * slots)),
  };
  table.bytes.set(bytes);
  for (const [rank, [left, right, result]] of merges.entries()) {
    const slot = slotOf(table.keys, left, right);
    table.keys[slot] = keyOf(left, right);
    table.ranks[slot] = rank;
    table.results[slot] = result;
  }
  return table;
}

function keyOf(left: number, right: number): number {
  return left * MAX_IDS + right + 1;
}

/** @returns the slot of a pair, or the free one where it would stand */
function slotOf(keys: Float64Array, left: number, right: number): number {
  const mask = keys.length - 1;
  const key = keyOf(left, right);
  let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> 0;
  slot = (slot ^ (slot >>> 15)) & mask;
  while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
  return slot;
}

const NONE = -1;

/** Merges bytes into tokens: the pair of the lowest rank first, of equal ones the leftmost. */
export class BytePairs {
  #ids = new Int32Array(256);
  #next = new Int32Array(256);
  #previous = new Int32Array(256);
  /** By position: the slot of the pair that begins there. */
  #slots = new Int32Array(256);
  #heap = new PairHeap();

  constructor(private readonly table: MergeTable) {}

  /** @returns of how many tokens a piece of text consists */
  count(piece: string): number {
    const length = this.#spell(piece);
    if (length < 2) return length;
    return length <= SHORT_BYTES ? this.#countShort(length) : this.#countLong(length);
  }

  /** Writes the tokens of the piece's bytes. */
  #spell(piece: string): number {
    const { bytes } = this.table;
    this.#reserve(piece.length);
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (code > 0x7f) return this.#spellBytes(Buffer.from(piece));
      this.#ids[at] = bytes[code]!;
    }
    return piece.length;
  }

  #spellBytes(utf8: Buffer): number {
    const { bytes } = this.table;
    this.#reserve(utf8.length);
    for (let at = 0; at < utf8.length; at++) this.#ids[at] = bytes[utf8[at]!]!;
    return utf8.length;
  }

  #reserve(length: number): void {
    if (this.#ids.length >= length) return;
    const room = 2 ** Math.ceil(Math.log2(length));
    this.#ids = new Int32Array(room);
    this.#next = new Int32Array(room);
    this.#previous = new Int32Array(room);
    this.#slots = new Int32Array(room);
  }

  #slot(left: number, right: number): number {
    const slot = slotOf(this.table.keys, left, right);
    return this.table.keys[slot] === 0 ? NONE : slot;
  }

  #countShort(bytes: number): number {
    const { ranks, results } = this.table;
    const ids = this.#ids;
    const slots = this.#slots;
    let length = bytes;
    for (let at = 0; at + 1 < length; at++) slots[at] = this.#slot(ids[at]!, ids[at + 1]!);
    for (;;) {
      let best = NONE;
      let bestRank = Number.POSITIVE_INFINITY;
      for (let at = 0; at + 1 < length; at++) {
        const slot = slots[at]!;
        if (slot === NONE || ranks[slot]! >= bestRank) continue;
        best = at;
        bestRank = ranks[slot]!;
      }
      if (best === NONE) return length;
      ids[best] = results[slots[best]!]!;
      length--;
      ids.copyWithin(best + 1, best + 2, length + 1);
      slots.copyWithin(best + 1, best + 2, length);
      if (best > 0) slots[best - 1] = this.#slot(ids[best - 1]!, ids[best]!);
      if (best + 1 < length) slots[best] = this.#slot(ids[best]!, ids[best + 1]!);
    }
  }

  #countLong(bytes: number): number {
    const { ranks, results } = this.table;
    const ids = this.#ids;
    const next = this.#next;
    const previous = this.#previous;
    const slots = this.#slots;
    const heap = this.#heap;
    let length = bytes;
    for (let at = 0; at < bytes; at++) {
      next[at] = at + 1 < bytes ? at + 1 : NONE;
      previous[at] = at - 1;
      slots[at] = at + 1 < bytes ? this.#slot(ids[at]!, ids[at + 1]!) : NONE;
      if (slots[at] !== NONE) heap.push(ranks[slots[at]!]!, at);
    }
    for (let at = heap.pop(); at !== NONE; at = heap.pop()) {
      const slot = slots[at]!;
      // What was pushed for a pair that is no more.
      if (slot === NONE || ranks[slot] !== heap.poppedRank) continue;
      const gone = next[at]!;
      const after = next[gone]!;
      ids[at] = results[slot]!;
      slots[gone] = NONE;
      next[at] = after;
      length--;
      slots[at] = NONE;
      if (after !== NONE) {
        previous[after] = at;
        this.#offer(at, ids[at]!, ids[after]!);
      }
      const before = previous[at]!;
      if (before !== NONE) this.#offer(before, ids[before]!, ids[at]!);
    }
    return length;
  }

  #offer(at: number, left: number, right: number): void {
    const slot = this.#slot(left, right);
    this.#slots[at] = slot;
    if (slot !== NONE) this.#heap.push(this.table.ranks[slot]!, at);
  }
}

/** Positions by rank, and of equal ones by place. */
class PairHeap {
  poppedRank = NONE;
  /** rank * 2^31 + position: below 2^53 for every vocabulary. */
  readonly #keys: number[] = [];

  push(rank: number, at: number): void {
    const keys = this.#keys;
    const key = rank * 2 ** 31 + at;
    let place = keys.push(key) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (keys[parent]! <= key) break;
      keys[place] = keys[parent]!;
      place = parent;
    }
    keys[place] = key;
  }

  /** @returns the position of the lowest rank, which is `poppedRank` then; -1 when there is none */
  pop(): number {
    const keys = this.#keys;
    const top = keys[0];
    if (top === undefined) return NONE;
    const last = keys.pop()!;
    if (keys.length > 0) this.#sink(last);
    this.poppedRank = Math.floor(top / 2 ** 31);
    return top % 2 ** 31;
  }

  #sink(key: number): void {
    const keys = this.#keys;
    const { length } = keys;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      keys[place] = keys[child]!;
      place = child;
    }
    keys[place] = key;
  }
}
