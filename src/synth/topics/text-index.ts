import { textFeatures } from './text-features.js';

interface Posting {
  documents: number[];
  weights: number[];
}

/** Inverse frequencies are counted anew when the texts have grown by this factor. */
const GROWTH = 1.25;

/**
 * Texts by what they say: cosine of TF-IDF vectors, `tf = 1 + ln(1 + count)`, `idf = 1 + ln((1 + N) / (1 + df))` with N and df of the
 * last counting, which happens when the number of texts has grown by a quarter. The same texts added in the same order give the same
 * numbers.
 */
export class TextIndex {
  private readonly postings = new Map<string, Posting>();
  private readonly documents: Map<string, number>[] = [];
  private idf = new Map<string, number>();
  private norms: number[] = [];
  private counted = 0;

  get size(): number {
    return this.documents.length;
  }

  /** @returns an index of texts that are all known: frequencies are those of all of them */
  static of(texts: readonly string[]): TextIndex {
    const index = new TextIndex();
    for (const text of texts) index.put(text);
    index.count();
    return index;
  }

  /** @returns the position of the text, from 0 */
  add(text: string): number {
    const position = this.put(text);
    if (this.documents.length >= this.counted * GROWTH) this.count();
    else this.norms.push(this.norm(this.documents[position]!));
    return position;
  }

  private put(text: string): number {
    const position = this.documents.length;
    const vector = this.frequencies(text);
    this.documents.push(vector);
    for (const [feature, weight] of vector) {
      const posting = this.postings.get(feature) ?? { documents: [], weights: [] };
      posting.documents.push(position);
      posting.weights.push(weight);
      this.postings.set(feature, posting);
    }
    return position;
  }

  /** @returns the cosine with each text, by position: 0 nothing in common, 1 the same */
  cosines(text: string): Float64Array {
    return this.cosinesOf(this.frequencies(text));
  }

  /** @returns the cosine of a text that was added with each of them, itself included */
  cosinesAt(position: number): Float64Array {
    return this.cosinesOf(this.documents[position] ?? new Map());
  }

  private cosinesOf(vector: Map<string, number>): Float64Array {
    const dots = new Float64Array(this.documents.length);
    for (const [feature, weight] of vector) {
      const posting = this.postings.get(feature);
      if (!posting) continue;
      const scale = weight * this.idfOf(feature) ** 2;
      for (let at = 0; at < posting.documents.length; at += 1) {
        const document = posting.documents[at]!;
        dots[document] = dots[document]! + scale * posting.weights[at]!;
      }
    }
    const norm = this.norm(vector);
    for (let at = 0; at < dots.length; at += 1) {
      const length = norm * this.norms[at]!;
      dots[at] = length === 0 ? 0 : Math.min(1, dots[at]! / length);
    }
    return dots;
  }

  private frequencies(text: string): Map<string, number> {
    return new Map([...textFeatures(text)].map(([feature, count]) => [feature, 1 + Math.log(1 + count)]));
  }

  private idfOf(feature: string): number {
    return this.idf.get(feature) ?? 1 + Math.log(1 + this.counted);
  }

  private norm(vector: Map<string, number>): number {
    let squares = 0;
    for (const [feature, weight] of vector) squares += (weight * this.idfOf(feature)) ** 2;
    return Math.sqrt(squares);
  }

  private count(): void {
    this.counted = this.documents.length;
    this.idf = new Map(
      [...this.postings].map(([feature, { documents }]) => [
        feature,
        1 + Math.log((1 + this.counted) / (1 + documents.length)),
      ]),
    );
    this.norms = this.documents.map((vector) => this.norm(vector));
  }
}
