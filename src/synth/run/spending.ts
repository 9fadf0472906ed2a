import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../../rollout/write-atomically.js';
import { NOTHING_SPENT, Spent, STAGES, type StageName } from '../candidate.js';

const PAUSE_MS = 1000;

const StageSpending = z.strictObject({
  /** Times that the stage came to its end. */
  runs: z.int().min(0),
  spent: Spent,
  wall_seconds: z.number(),
});

/** `spending.json`: what the topics took, and what stages take on average. What candidates took stands with each of them. */
const SpendingFile = z.strictObject({
  version: z.literal(1),
  topics: Spent,
  stages: z.partialRecord(z.enum(STAGES), StageSpending),
});
export type StageSpending = z.output<typeof StageSpending>;

/** What is spent in a run beside the candidates' own accounts. */
export class Spending {
  #topics: Spent;
  readonly #stages: Map<StageName, StageSpending>;
  #timer: NodeJS.Timeout | null = null;
  #write: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string | null,
    kept: z.output<typeof SpendingFile>,
  ) {
    this.#topics = kept.topics;
    this.#stages = new Map(Object.entries(kept.stages) as [StageName, StageSpending][]);
  }

  /** @returns an account that is kept nowhere */
  static inMemory(): Spending {
    return new Spending(null, { version: 1, topics: NOTHING_SPENT, stages: {} });
  }

  /** @param file where it is kept; one that is missing or damaged counts as nothing: averages are only averages */
  static async open(file: string): Promise<Spending> {
    const text = await readFile(file, 'utf8').catch(() => '');
    const parsed = SpendingFile.safeParse(safeJson(text));
    return new Spending(file, parsed.success ? parsed.data : { version: 1, topics: NOTHING_SPENT, stages: {} });
  }

  get topics(): Spent {
    return this.#topics;
  }

  get stages(): ReadonlyMap<StageName, StageSpending> {
    return this.#stages;
  }

  addTopics(more: Partial<Spent>): void {
    this.#topics = sumSpent(this.#topics, more);
    this.#later();
  }

  addStage(name: StageName, more: Spent, wallSeconds: number): void {
    const known = this.#stages.get(name) ?? { runs: 0, spent: NOTHING_SPENT, wall_seconds: 0 };
    this.#stages.set(name, {
      runs: known.runs + 1,
      spent: sumSpent(known.spent, more),
      wall_seconds: known.wall_seconds + wallSeconds,
    });
    this.#later();
  }

  /** Writes what is not written yet. Rejects with the fault of the file system. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { file } = this;
    if (file === null) return;
    const record = { version: 1, topics: this.#topics, stages: Object.fromEntries(this.#stages) };
    this.#write = this.#write
      .catch(() => {})
      .then(() => writeAtomically(file, [Buffer.from(`${JSON.stringify(record, null, 2)}\n`)]));
    await this.#write;
  }

  #later(): void {
    // What a full disk does to this file, it does to the candidates', whose writes are waited for.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), PAUSE_MS).unref();
  }
}

/** @returns what both took together */
export function sumSpent(a: Spent, b: Partial<Spent>): Spent {
  return {
    usd: a.usd + (b.usd ?? 0),
    input_tokens: a.input_tokens + (b.input_tokens ?? 0),
    output_tokens: a.output_tokens + (b.output_tokens ?? 0),
    calls: a.calls + (b.calls ?? 0),
    sandbox_seconds: a.sandbox_seconds + (b.sandbox_seconds ?? 0),
    gpu_hours: a.gpu_hours + (b.gpu_hours ?? 0),
  };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
