import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Candidate } from '../../src/synth/candidate.js';
import { RunPlaces } from '../../src/synth/run/run-places.js';
import type { SynthSettings } from '../../src/synth/settings.js';
import type { StageContext } from '../../src/synth/stage.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import type { TeacherQuestion } from '../../src/synth/teacher/teacher.js';
import { type ScriptedFiles, ScriptedTeacher } from '../../src/testing/synth/scripted-teacher.js';
import { settingsOf } from './pipeline-harness.js';

/** What a stage without sandboxes works with, in the directory of a run. */
export interface TestContext {
  context: StageContext;
  teacher: ScriptedTeacher;
  places: RunPlaces;
  /** Candidates that were saved in the middle. */
  saved: Candidate[];
  /** What was told to those who watch. */
  told: string[];
}

export async function stageContext(
  root: string,
  candidate: Candidate,
  answer: (question: TeacherQuestion) => ScriptedFiles = () => [],
  settings: SynthSettings = settingsOf(),
): Promise<TestContext> {
  const places = new RunPlaces(root);
  const teacher = new ScriptedTeacher(new PromptSet(null), answer);
  const directory = places.candidate(candidate.id);
  await mkdir(directory, { recursive: true });
  const saved: Candidate[] = [];
  const told: string[] = [];
  const context: Partial<StageContext> = {
    settings,
    teacher,
    directory,
    cacheDirectory: path.join(root, 'cache'),
    save: async (candidate) => void saved.push(candidate),
    tell: (doing) => void told.push(doing),
    signal: new AbortController().signal,
  };
  // Hub and sandboxes are for other stages.
  return { context: { ...context, drafts: { root: places.drafts } } as StageContext, teacher, places, saved, told };
}
