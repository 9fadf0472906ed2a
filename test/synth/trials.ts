import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import { type GymDrafts, openDrafts } from '../../src/cli/synth/gym-drafts.js';
import { readConfig } from '../../src/config.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { GATES, type GateName } from '../../src/synth/gates/gate.js';
import { writeAttempt } from '../../src/synth/generation/attempt-files.js';
import type { SynthSettings } from '../../src/synth/settings.js';
import type { StageContext } from '../../src/synth/stage.js';
import type { AnswerFile, Player, Teacher } from '../../src/synth/teacher/teacher.js';
import { verificationStage } from '../../src/synth/verification/verification-stage.js';
import { settingsOf } from './pipeline-harness.js';
import { attemptOf, type Kind, newCandidate, soundFiles, withData } from './sound-tasks.js';

/** What is tried out. */
export interface Trial {
  kind: Kind;
  /** Over the files of the sound task of the kind, by path; null removes one. */
  files?: Readonly<Record<string, string | null>>;
  change?: (candidate: Candidate) => Candidate;
  /** Gates that judge beside the one of structure. Default: all. */
  gates?: readonly GateName[];
  verification?: Partial<SynthSettings['verification']>;
  /** Actions of the teacher's episode, the last one again and again; none: no episode. */
  actions?: readonly string[];
  teacher?: Partial<Teacher>;
  context?: Partial<StageContext>;
}

/** What came of it. */
export interface Tried {
  candidate: Candidate;
  saved: Candidate[];
  /** Directory of the candidate. */
  directory: string;
  /** What the pack of drafts holds of it in the end. */
  drafts: string[];
}

/** Settings of a trial: of gates only those that are asked for. */
function trialSettings({ gates, verification, actions }: Trial): SynthSettings {
  const chosen = gates && Object.fromEntries(GATES.map((name) => [name, name === 'structure' || gates.includes(name)]));
  return settingsOf({
    gates: chosen ?? {},
    p_debug: 1,
    verification: {
      baseline_timeout_s: 20,
      evaluation_timeout_s: 20,
      agent_episodes: actions ? 1 : 0,
      agent_max_steps: 5,
      ...verification,
    },
  });
}

/** A teacher that only plays. */
export function playing(actions: readonly string[]): Pick<Teacher, 'player'> {
  return {
    player: (): Player => {
      let turn = 0;
      const model = new ScriptedModel(() => {
        const action = actions[Math.min(turn++, actions.length - 1)] ?? 'submit';
        return { text: `I try.\n\`\`\`\n${action}\n\`\`\`` };
      });
      return Object.assign(model, { fault: null });
    },
  };
}

/** Trials in the real sandboxes of one gym. */
export class Trials {
  #count = 0;

  constructor(
    readonly root: string,
    readonly drafts: GymDrafts,
  ) {}

  /** A candidate whose first attempt is written. */
  async prepare(trial: Trial): Promise<{ candidate: Candidate; context: StageContext; saved: Candidate[] }> {
    const id = `${String(++this.#count).padStart(4, '0')}-1-trial`;
    const directory = path.join(this.root, 'candidates', id);
    await mkdir(directory, { recursive: true });
    const plain = newCandidate(trial.kind, { id, state: 'verification' });
    const grounded = trial.kind === 'predictions' ? await withData(plain, path.join(this.root, 'cache', id)) : plain;
    const candidate = { ...(trial.change?.(grounded) ?? grounded), attempts: [attemptOf({})] };
    const sound = await soundFiles(grounded.proposal?.slug ?? '');
    await writeAttempt(directory, 0, filesOf(sound, trial.files ?? {}));
    const saved: Candidate[] = [];
    const context = {
      settings: trialSettings(trial),
      teacher: { name: 'scripted', ...playing(trial.actions ?? []), ...trial.teacher } as Teacher,
      directory,
      cacheDirectory: path.join(this.root, 'cache'),
      drafts: this.drafts,
      inSandbox: (work: () => Promise<unknown>) => work(),
      save: async (one: Candidate) => void saved.push(one),
      tell: () => {},
      signal: new AbortController().signal,
      ...trial.context,
    } as unknown as StageContext;
    return { candidate, context, saved };
  }

  async run(trial: Trial): Promise<Tried> {
    const { candidate, context, saved } = await this.prepare(trial);
    const ended = await verificationStage.run(candidate, context);
    return { candidate: ended, saved, directory: context.directory, drafts: await this.left(candidate.id) };
  }

  /** What lies in the pack of drafts of a candidate; of all of them by default. */
  async left(id = ''): Promise<string[]> {
    const places = await Promise.all(
      ['configs/tasks', 'configs/datasets', 'data', 'gymsmith'].map((place) =>
        readdir(path.join(this.drafts.root, place)).catch(() => []),
      ),
    );
    return places.flat().filter((name) => name.includes(id));
  }
}

function filesOf(sound: readonly AnswerFile[], over: Readonly<Record<string, string | null>>): AnswerFile[] {
  const texts = new Map<string, string | null>(sound.map(({ path, text }) => [path, text]));
  for (const [name, text] of Object.entries(over)) texts.set(name, text);
  return [...texts].flatMap(([name, text]) => (text === null ? [] : [{ path: name, text }]));
}

/** Opens a gym of local sandboxes for the trials of a file. @returns gives it once tests run */
export function openTrials(): () => Trials {
  let trials: Trials | undefined;
  beforeAll(async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-trials-'));
    const config = { ...readConfig(), backend: 'local' as const, warm: 2, stateDir: path.join(root, 'state') };
    trials = new Trials(root, await openDrafts(config, path.join(root, 'drafts')));
  });
  afterAll(async () => {
    await trials?.drafts.close();
    if (trials) await rm(trials.root, { recursive: true, force: true });
  });
  return () => {
    if (!trials) throw new Error('the gym opens before the first test');
    return trials;
  };
}

/** The fault of the attempt that was tried; null when it is sound. */
export function faultOf({ candidate }: Tried): string | null {
  return candidate.attempts[0]?.fault ?? null;
}
