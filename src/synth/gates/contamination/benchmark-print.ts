/** What is known of the tasks of a benchmark: hashes of its texts, never the texts. */
export interface BenchmarkPrint {
  /** `MLGym`, or the name of the directory that it was made of. */
  name: string;
  tasks: readonly TaskPrint[];
}

interface TaskPrint {
  name: string;
  /** SHA-256 of the words of the description, in hexadecimal digits. */
  description: string;
  /** Sequences of 14 words of its description and of its code, as hashes of 40 bits; without those that many of the tasks share. */
  grams: ReadonlySet<number>;
}
