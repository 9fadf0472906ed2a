import { mkdir, rm, writeFile } from 'node:fs/promises';
import { holdingRun } from '../run/hold-run.js';
import { faultError } from './fault-error.js';
import { parseTrainEvent, type TrainEvent } from './train-event.js';
import type { TrainJob, TrainPlace, TrainProcess } from './train-place.js';
import { readTrainRecord, refuseChanges, type TrainRecord, writeTrainRecord } from './train-record.js';
import { TrainState } from './train-state.js';
import { writeTrainReport } from './write-train-report.js';

const STATUS = 'tail -f metrics.jsonl in it';

interface Training {
  job: TrainJob;
  place: TrainPlace;
  software: string;
  manifestSha256: string | null;
  onEvent: (event: TrainEvent, state: TrainState) => void;
  /** Called when the recipe runs. */
  onStart: (isTakenUp: boolean) => void;
}

/** A training in a directory: begun, gone on with or taken up, whatever was there before. */
export class TrainRun {
  readonly state = new TrainState();
  #process: TrainProcess | null = null;
  #isDropped = false;
  #record: TrainRecord | null = null;

  constructor(private readonly training: Training) {}

  /**
   * Runs the recipe to its end.
   * @returns how it ended; the directory then holds settings.json, metrics.jsonl, the report, and the model when it is done
   * @throws RunError when the directory belongs to another training; TrainError when the recipe cannot start, or fails
   */
  run(): Promise<'done' | 'stopped'> {
    const { places } = this.training.job;
    return holdingRun(places.root, STATUS, () => this.#run());
  }

  /** Asks for a checkpoint and the end. */
  stop(): void {
    void writeFile(this.training.job.places.stop, '').catch(() => {});
  }

  /** Ends it at once; the newest checkpoint stays. */
  drop(): void {
    this.#isDropped = true;
    void this.#process?.kill();
  }

  async #run(): Promise<'done' | 'stopped'> {
    const { job, place, software, manifestSha256, onStart } = this.training;
    const { places, settings } = job;
    await mkdir(places.checkpoints, { recursive: true });
    await rm(places.stop, { force: true });
    const earlier = await readTrainRecord(places);
    const kept = { settings, manifest_sha256: manifestSha256 };
    if (earlier) refuseChanges(places, earlier, kept);
    const facts = earlier?.facts ?? null;
    const created_at = earlier?.created_at ?? new Date().toISOString();
    this.#record = { version: 1, software, created_at, place: place.name, ...kept, facts };
    await writeTrainRecord(places, this.#record);
    this.#process = await place.start(job, (line) => this.#take(line));
    try {
      onStart(this.#process.isTakenUp);
      if (this.#isDropped) await this.#process.kill();
      const code = await this.#process.ended;
      return await this.#close(code);
    } finally {
      await this.#process.remove();
      await rm(places.stop, { force: true });
    }
  }

  #take(line: string): void {
    const event = parseTrainEvent(line);
    if (event === null) return;
    this.state.add(event);
    this.training.onEvent(event, this.state);
  }

  async #close(code: number | null): Promise<'done' | 'stopped'> {
    const { places, settings } = this.training.job;
    if (this.#record && this.state.facts) {
      await writeTrainRecord(places, { ...this.#record, facts: this.state.facts });
    }
    await writeTrainReport(places);
    if (this.state.end && code === 0) return this.state.end.reason;
    if (this.#isDropped) return 'stopped';
    const { fault } = this.state;
    if (fault) throw faultError(fault.kind, fault.message, settings, places.log);
    throw faultError(code === null ? 'killed' : 'other', `it ended with ${code ?? 'a signal'}`, settings, places.log);
  }
}
