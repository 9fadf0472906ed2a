import { mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import type { Candidate, DataPlan } from '../../src/synth/candidate.js';
import { groundingStage } from '../../src/synth/grounding/grounding-stage.js';
import type { Hub } from '../../src/synth/grounding/hub/hub.js';
import { openHub } from '../../src/synth/grounding/hub/open-hub.js';
import { FileJournal } from '../../src/synth/journal/file-journal.js';
import { SynthSettings } from '../../src/synth/settings.js';
import type { StageContext } from '../../src/synth/stage.js';
import type { Teacher, TeacherQuestion } from '../../src/synth/teacher/teacher.js';
import { HubStandIn, type HubStandInOptions } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { loadHubRepos } from '../../src/testing/hub-stand-in/load-hub-repos.js';
import { sampleCandidate, sampleProposal } from './sample-candidate.js';

/** A directory that is removed with the test. */
export async function ownDirectory(): Promise<string> {
  const directory = await mkdtemp('/tmp/gs-ground-');
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

let shipped: ReturnType<typeof loadHubRepos> | null = null;

/** A Hub with the datasets that ship; it ends with the test. */
export async function shippedHub(options: HubStandInOptions = {}): Promise<HubStandIn> {
  const hub = await HubStandIn.listen(options);
  onTestFinished(() => hub.close());
  shipped ??= loadHubRepos(path.join(PROJECT_ROOT, 'stand-ins/hub'));
  for (const repo of await shipped) hub.addRepo(repo);
  return hub;
}

/** A client of it, with a journal and a cache in a directory. */
export function clientOf(
  url: string,
  directory: string,
  more: { viewerUrl?: string | null; hubToken?: string; isOffline?: boolean; journal?: string } = {},
): Promise<Hub> {
  const { viewerUrl = url, hubToken, isOffline = false, journal = 'journal' } = more;
  return openHub({
    journal: new FileJournal(path.join(directory, journal)),
    network: {
      hubUrl: url,
      hubToken,
      viewerUrl,
      isOffline,
      proxies: { http: undefined, https: undefined, no: undefined },
    },
    cacheDirectory: path.join(directory, 'cache'),
    maxBytes: 2 ** 29,
    retryMs: 1,
  });
}

/** A plan for a class or number out of a random split. */
export function planOf(target: string, inputs: string[], more: Partial<DataPlan> = {}): DataPlan {
  return { inputs, target, target_kind: 'class', split: { method: 'random', by: null }, ...more };
}

/** What a teacher answers about a suitable dataset. */
export function suits(plan: DataPlan, config = 'default', split = 'train'): object {
  return { suitable: true, reason: 'it fits', config, split, plan };
}

/** A teacher that gives these answers to questions for JSON, one after the other. */
export class AnsweringTeacher implements Teacher {
  readonly name = 'answering';
  readonly asked: TeacherQuestion[] = [];

  constructor(private readonly answers: readonly object[]) {}

  askJson(question: TeacherQuestion): Promise<never> {
    const answer = this.answers[this.asked.length];
    if (!answer) throw new Error(`Nothing is left to answer ${question.key}`);
    this.asked.push(question);
    return Promise.resolve('fault' in answer ? answer : { value: answer }) as Promise<never>;
  }

  askFiles(): never {
    throw new Error('A design is no files');
  }

  player(): never {
    throw new Error('A dataset is not played');
  }
}

/** A candidate with a proposal about a dataset. */
export function proposed(
  dataset: string | null,
  query = dataset?.split('/').at(-1)?.replaceAll('-', ' ') ?? '',
): Candidate {
  const proposal = sampleProposal({
    dataset: dataset === null ? null : { id: dataset, query, reason: 'it has what is needed' },
  });
  return sampleCandidate({ state: 'grounding', proposal });
}

interface GroundingOptions {
  hub: Hub;
  teacher?: Teacher;
  settings?: object;
  directory: string;
  tell?: () => void;
  signal?: AbortSignal;
}

/** Runs the stage. */
export function ground(
  candidate: Candidate,
  { hub, teacher, settings, directory, tell, signal }: GroundingOptions,
): Promise<Candidate> {
  const context: Partial<StageContext> = {
    settings: SynthSettings.parse({ teachers: [{ model: 'm' }], hub: settings ?? {} }),
    teacher: teacher ?? new AnsweringTeacher([]),
    hub,
    directory,
    cacheDirectory: path.join(directory, 'cache'),
    tell: tell ?? (() => {}),
    signal: signal ?? new AbortController().signal,
  };
  return groundingStage.run(candidate, context as StageContext);
}

/** Lines of a table without quotes, as lists of cells. */
export async function tableOf(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}
