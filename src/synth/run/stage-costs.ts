import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../../files/write-atomically.js';
import { NOTHING_SPENT, Spent } from '../../run/spent.js';
import { sumSpent } from '../../run/sum-spent.js';
import { STAGES, type StageName } from '../candidate.js';

const PAUSE_MS = 1000;

const StageCost = z.strictObject({
  /** Times that the stage came to its end. */
  runs: z.int().min(0),
  spent: Spent,
  wall_seconds: z.number(),
});
export type StageCost = z.output<typeof StageCost>;

/** `spending.json`. What candidates took stands with each of them, what topics took with the topics. */
const CostsFile = z.strictObject({ version: z.literal(1), stages: z.partialRecord(z.enum(STAGES), StageCost) });

/** What the stages of a run took so far, from which follows what is yet to come. */
export class StageCosts {
  readonly #stages: Map<StageName, StageCost>;
  #timer: NodeJS.Timeout | null = null;
  #write: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string | null,
    kept: z.output<typeof CostsFile>['stages'],
  ) {
    this.#stages = new Map(Object.entries(kept) as [StageName, StageCost][]);
  }

  /** @returns an account that is kept nowhere */
  static inMemory(): StageCosts {
    return new StageCosts(null, {});
  }

  /** @param file where it is kept; one that is missing or damaged counts as nothing: averages decide nothing */
  static async open(file: string): Promise<StageCosts> {
    const parsed = CostsFile.safeParse(parse(await readFile(file, 'utf8').catch(() => '')));
    return new StageCosts(file, parsed.success ? parsed.data.stages : {});
  }

  get stages(): ReadonlyMap<StageName, StageCost> {
    return this.#stages;
  }

  add(name: StageName, more: Spent, wallSeconds: number): void {
    const known = this.#stages.get(name) ?? { runs: 0, spent: NOTHING_SPENT, wall_seconds: 0 };
    this.#stages.set(name, {
      runs: known.runs + 1,
      spent: sumSpent(known.spent, more),
      wall_seconds: known.wall_seconds + wallSeconds,
    });
    // What a full disk does to this file, it does to the candidates', whose writes are waited for.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), PAUSE_MS).unref();
  }

  /** Writes what is not written yet. Rejects with the fault of the file system. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { file } = this;
    if (file === null) return;
    const record = { version: 1, stages: Object.fromEntries(this.#stages) };
    this.#write = this.#write
      .catch(() => {})
      .then(() => writeAtomically(file, [Buffer.from(`${JSON.stringify(record, null, 2)}\n`)]));
    await this.#write;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
