/** What is known of the tasks of a benchmark: hashes of its texts, never the texts. */
export interface BenchmarkPrint {
  /** `MLGym`, or the directory that it was made of. */
  name: string;
  tasks: readonly {
    name: string;
    /** SHA-256 of the description in its canonical form. */
    description: string;
  }[];
  /** Hash of a sequence of 14 words -> positions of the tasks that hold it. */
  grams: ReadonlyMap<number, readonly number[]>;
}
