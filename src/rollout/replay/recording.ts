import path from 'node:path';
import type { Action } from '../../protocol/index.js';
import { readTrajectory, type TrajectoryFile } from '../read-trajectory.js';
import { TrajectoryError } from '../trajectory-error.js';
import { historySteps } from './history-steps.js';

/** One recorded round. */
export interface RecordedStep {
  /** What the agent said to do, before anything was made of it. */
  action: string;
  /** What was sent when it was not that text. */
  sent: Action | null;
  observation: string;
  /** Where the agent stood before the action, as far as it was recorded. */
  openFile: string | null;
  cwd: string | null;
}

/** An episode that can be played again. */
export interface Recording {
  file: string;
  source: 'mlgym' | 'swe-agent' | 'gymsmith';
  /** Recorded with MLGym before its release, which answered differently in places. */
  isOld: boolean;
  /** Names that the task may go by, the most certain first. */
  taskNames: readonly string[];
  seed: number | null;
  /** What the reset was given; null when that is not recorded. */
  options: Readonly<Record<string, unknown>> | null;
  /** How the episode ended, in MLGym's words. */
  exitStatus: string;
  steps: readonly RecordedStep[];
}

/**
 * Reads a `.traj` file for playing it again.
 * @throws TrajectoryError, also when the file holds no action
 */
export async function readRecording(file: string): Promise<Recording> {
  const read = await readTrajectory(file);
  const { gymsmith, info } = read.trajectory;
  const source = sourceOf(read);
  const steps = stepsOf(read);
  if (steps.length === 0) throw new TrajectoryError(`${file} holds no action that could be played.`);
  return {
    file,
    source,
    isOld: source === 'mlgym' && read.stepKeys[0] === 'action',
    taskNames: taskNames(file, gymsmith?.task),
    seed: gymsmith?.seed ?? null,
    options: gymsmith?.options ?? null,
    exitStatus: info.exit_status ?? '',
    steps,
  };
}

/** Whether the last action was not carried out, because the steps were used up. */
export function endsByLimit({ steps, exitStatus }: Pick<Recording, 'steps' | 'exitStatus'>): boolean {
  return steps.at(-1)?.observation === 'Exited (max_steps)' || exitStatus.includes('(max_steps)');
}

function sourceOf({ trajectory }: TrajectoryFile): Recording['source'] {
  if (trajectory.gymsmith) return 'gymsmith';
  return trajectory.environment.startsWith('mlgym') ? 'mlgym' : 'swe-agent';
}

function stepsOf({ trajectory: { trajectory, history, gymsmith } }: TrajectoryFile): RecordedStep[] {
  if (trajectory.length === 0) return historySteps(history);
  return trajectory.map(({ action, observation, state }, index) => ({
    action,
    sent: gymsmith?.steps[index]?.sent ?? null,
    observation,
    ...placeOf(state),
  }));
}

function placeOf(state: string): Pick<RecordedStep, 'openFile' | 'cwd'> {
  const [, openFile = 'n/a'] = /"open_file": ?"([^"]*)"/.exec(state) ?? [];
  const [, cwd = null] = /"working_dir": ?"([^"]*)"/.exec(state) ?? [];
  return { openFile: openFile === 'n/a' ? null : openFile, cwd };
}

/** MLGym files a run of `task` as `{model}__{task}__{configuration}__.../{task}.traj`. */
function taskNames(file: string, recorded: string | undefined): string[] {
  const [, ofDirectory] = path.basename(path.dirname(path.resolve(file))).split('__');
  const names = [recorded, path.basename(file).replace(/\.traj$/, ''), ofDirectory];
  return [...new Set(names.filter((name): name is string => name !== undefined && name !== ''))];
}
