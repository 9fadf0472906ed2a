import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RunBudget } from '../../src/run/run-budget.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { Pipeline, type PipelineEnd } from '../../src/synth/pipeline/pipeline.js';
import type { PipelineOptions } from '../../src/synth/pipeline/pipeline-options.js';
import { CandidateStore } from '../../src/synth/run/candidate-store.js';
import { RunPlaces } from '../../src/synth/run/run-places.js';
import { StageCosts } from '../../src/synth/run/stage-costs.js';
import { SynthSettings } from '../../src/synth/settings.js';
import type { ScriptedSynthesis } from '../../src/testing/synth/scripted-synthesis.js';

export function settingsOf(given: Record<string, unknown> = {}): SynthSettings {
  return SynthSettings.parse({ teachers: [{ model: 'scripted' }], ...given });
}

/** Does work in a directory of its own, which is gone afterwards. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-synth-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A store of a process that can be killed. */
class MortalStore extends CandidateStore {
  #isDead = false;
  readonly #writes = new Set<Promise<void>>();

  override async save(candidate: Candidate): Promise<void> {
    if (this.#isDead) return new Promise(() => {});
    const write = super.save(candidate);
    this.#writes.add(write);
    await write.finally(() => this.#writes.delete(write));
  }

  /** What was being written is written, and nothing after it. */
  async kill(): Promise<void> {
    this.#isDead = true;
    await Promise.all(this.#writes);
  }
}

interface Begun {
  pipeline: Pipeline;
  store: MortalStore;
  budget: RunBudget;
  end: Promise<PipelineEnd>;
}

/** Begins, or takes up, a scripted synthesis in a directory. */
export function begin(
  directory: string,
  world: ScriptedSynthesis,
  settings: SynthSettings = settingsOf(),
  more: Partial<PipelineOptions> = {},
): Begun {
  const store = new MortalStore(new RunPlaces(directory));
  const budget = new RunBudget(settings.budget);
  const pipeline = new Pipeline({
    settings,
    store,
    budget,
    stages: world.stages,
    topics: world.topics,
    contextOf: world.contextOf,
    costs: StageCosts.inMemory(),
    sandboxes: 3,
    retry: { times: 3, firstMs: 1, mostMs: 2 },
    ...more,
  });
  return { pipeline, store, budget, end: pipeline.run() };
}
