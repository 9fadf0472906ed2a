import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Model } from '../../src/agent/models/model.js';
import { FileJournal } from '../../src/synth/journal/file-journal.js';
import type { Journal } from '../../src/synth/journal/journal.js';
import type { JournalEntry } from '../../src/synth/journal/journal-entry.js';
import { readJournal } from '../../src/synth/journal/read-journal.js';
import { createTeacher } from '../../src/synth/teacher/create-teacher.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import type { TeacherSetup } from '../../src/synth/teacher/question-line.js';
import type { CallCost, CallMeter, Teacher } from '../../src/synth/teacher/teacher.js';

/** Counts what is asked and charged; refuses once it is told to. */
export class CountingMeter implements CallMeter {
  asked = 0;
  charges: CallCost[] = [];
  refusal: Error | null = null;

  async ask<T>(work: () => Promise<T>): Promise<T> {
    if (this.refusal) throw this.refusal;
    this.asked++;
    return work();
  }

  charge(cost: CallCost): void {
    this.charges.push(cost);
  }
}

/** A directory with a journal, and teachers that keep what they are told there. */
export class TeacherKit implements AsyncDisposable {
  private constructor(readonly root: string) {}

  static async make(): Promise<TeacherKit> {
    return new TeacherKit(await mkdtemp(path.join(tmpdir(), 'teacher-')));
  }

  get journalRoot(): string {
    return path.join(this.root, 'journal');
  }

  /** As a process has it that begins anew. */
  teacher(model: Model, more: Partial<TeacherSetup> = {}): { teacher: Teacher; meter: CountingMeter } {
    const meter = new CountingMeter();
    const journal: Journal = new FileJournal(this.journalRoot);
    const { signal } = new AbortController();
    const prompts = new PromptSet(null);
    const setup = { model, journal, prefix: '0001-1-x', prompts, meter, signal, ...more };
    return { teacher: createTeacher(setup), meter: (more.meter as CountingMeter | undefined) ?? meter };
  }

  async entries(prefix?: string): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for await (const entry of readJournal(this.journalRoot, prefix)) entries.push(entry);
    return entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
